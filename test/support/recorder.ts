// An upstream that writes down every request it gets and answers as the test says. It is the judge of what was forwarded.
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { type Listening, listenOn } from '../../examples/dev-world/listen.ts'

export interface Recorded {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Recorder {
  readonly requests: Recorded[]
  /** Hands over the request when it has been written down. */
  readonly listener: RequestListener
}

/** Without `answer`, says 200 and what a guitar says. */
export function createRecorder(answer?: RequestListener): Recorder {
  const requests: Recorded[] = []
  return {
    requests,
    async listener(request, response) {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, rawHeaders: request.rawHeaders, body })
      if (answer !== undefined) return answer(request, response)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(GUITAR_ANSWER))
    },
  }
}

export const GUITAR_ANSWER = {
  id: 'guitar-0042',
  tuning: { name: 'standard', hz: 440.02 },
  location: { latitude: 48.85837, longitude: 2.294481 },
  owner: { name: 'Alice', email: 'alice@example.test' },
}

export async function startRecorder(answer?: RequestListener): Promise<Recorder & Listening> {
  const recorder = createRecorder(answer)
  return { ...recorder, ...(await listenOn(recorder.listener, 0)) }
}
