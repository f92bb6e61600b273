// Runs one endpoint: reads the body within its limit, takes the steps in order, writes the answer. Faults become 500 or 503 without detail.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '../context.ts'
import { StoreBusy } from '../store/store-busy.ts'
import { type Answer, answerJson, type Endpoint, type Exchange } from './exchange.ts'

/** Forms and small JSON. */
export const BODY_MAX_BYTES = 16 * 1024
const BUSY_RETRY_SECONDS = 2

/** Headers of every answer; pages add their Content-Security-Policy. */
const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const

export interface Routed {
  readonly endpoint: Endpoint
  readonly path: string
  readonly query: URLSearchParams
  readonly pathValues: ReadonlyMap<string, string>
}

export async function serveEndpoint(request: IncomingMessage, response: ServerResponse, routed: Routed, context: Context): Promise<void> {
  const answerHeaders = new Map<string, string | readonly string[]>(Object.entries(COMMON_HEADERS))
  const answer = await produceAnswer(request, routed, answerHeaders, context)
  await writeAnswer(response, answer, answerHeaders)
}

async function produceAnswer(
  request: IncomingMessage,
  routed: Routed,
  answerHeaders: Map<string, string | readonly string[]>,
  context: Context,
): Promise<Answer> {
  const { endpoint, path, query, pathValues } = routed
  try {
    const body = await readBody(request, endpoint.bodyMaxBytes ?? BODY_MAX_BYTES)
    if (body === undefined)
      return answerJson(413, { error: 'invalid_request', error_description: 'the body is larger than this endpoint reads' }, { connection: 'close' })
    const exchange: Exchange = {
      request,
      method: request.method ?? '',
      path,
      query,
      pathValues,
      body,
      now: context.ports.clock(),
      address: request.socket.remoteAddress ?? '',
      answerHeaders,
    }
    for (const step of endpoint.steps) {
      const answer = await step(exchange, context)
      if (answer !== undefined) return answer
    }
    return await endpoint.handle(exchange, context)
  } catch (fault) {
    return answerFault(fault, path, context)
  }
}

function answerFault(fault: unknown, path: string, context: Context): Answer {
  if (fault instanceof StoreBusy) {
    context.ports.log.warn('store_busy', { path })
    return answerJson(503, { error: 'temporarily_unavailable' }, { 'retry-after': String(BUSY_RETRY_SECONDS) })
  }
  context.ports.log.error('endpoint_fault', { path, fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault) })
  return answerJson(500, { error: 'server_error' })
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function writeAnswer(response: ServerResponse, answer: Answer, answerHeaders: ReadonlyMap<string, string | readonly string[]>): Promise<void> {
  response.statusCode = answer.status
  for (const [name, value] of answerHeaders) response.setHeader(name, value)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  const { body } = answer
  switch (body.kind) {
    case 'none':
      response.end()
      return
    case 'json':
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body.value))
      return
    case 'html':
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(body.html)
      return
    case 'bytes':
      response.setHeader('content-type', body.type)
      response.end(body.bytes)
      return
    case 'stream':
      response.setHeader('content-type', body.type)
      await writeStream(response, body.open)
  }
}

async function writeStream(response: ServerResponse, open: (write: (text: string) => boolean, gone: AbortSignal) => Promise<void>): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.flushHeaders()
  try {
    await open((text) => response.write(text), gone.signal)
  } finally {
    response.end()
  }
}
