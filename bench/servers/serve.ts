// One server in a process of its own, by name: the upstream, a bare forwarder of twenty lines, or ours without checks. Prints its origin when it listens.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Dispatcher, Pool } from 'undici'
import { createForwarder } from '../../sidecar/proxy/forwarder.ts'
import { isForUpstream } from '../../sidecar/proxy/header-rules.ts'

const BODY = JSON.stringify({ tuning: { hz: 440, cents: 0 }, strings: ['E', 'A', 'D', 'G', 'B', 'E'] })

const ROLES: Readonly<Record<string, (upstream: string) => RequestListener>> = { upstream: answerSmallJson, bare: forwardBare, unchecked: forwardUnchecked }

function answerSmallJson(): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length })
    response.end(BODY)
  }
}

/** The fastest hop that does the job for a GET: nothing is looked at, nothing is filtered. */
function forwardBare(upstream: string): RequestListener {
  const pool = new Pool(upstream, { connections: 256, pipelining: 1 })
  return (request, response) => {
    pool.dispatch({ path: request.url ?? '/', method: 'GET', headers: { accept: request.headers.accept ?? '*/*' } }, createBareHandler(response))
  }
}

function createBareHandler(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onConnect: () => undefined,
    onHeaders(status, headers) {
      response.writeHead(
        status,
        headers.map((part) => part.toString('latin1')),
      )
      return true
    },
    onData: (chunk) => response.write(chunk),
    onComplete: () => response.end(),
    onError: () => response.destroy(),
  }
}

function forwardUnchecked(upstream: string): RequestListener {
  const forwarder = createForwarder({ upstream, answerMilliseconds: 30_000, idleMilliseconds: 60_000 })
  return (request, response) => {
    forwarder.forward({
      request,
      response,
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers: passOn(request),
      body: 'none',
      contentLength: undefined,
      expectsContinue: false,
      addedHeaders: [],
      obligations: [],
      now: 0,
      onFault: () => response.destroy(),
    })
  }
}

function passOn({ rawHeaders }: IncomingMessage): string[] {
  const headers: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (isForUpstream(name)) headers.push(name, rawHeaders[index + 1] ?? '')
  }
  return headers
}

const [role = '', upstream = ''] = process.argv.slice(2)
const listener = ROLES[role]?.(upstream)
if (listener === undefined) throw new Error(`unknown role "${role}"; known: ${Object.keys(ROLES).join(', ')}`)
const server = createServer(listener)
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })))
process.on('disconnect', () => process.exit(0))
