// Runs one endpoint: reads the body within its limit, takes the steps in order, writes the answer. Faults become 500 or 503 without detail.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '../context.ts'
import { RulesUnavailable } from '../sharing/rules-outcome.ts'
import { StoreBusy } from '../store/store-busy.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import { toDescription } from './description.ts'
import { type Answer, answerJson, type Endpoint, type Exchange, type OpenStream } from './exchange.ts'

/** Forms and small JSON. */
export const BODY_MAX_BYTES = 16 * 1024
const BUSY_RETRY_SECONDS = 2

export interface Routed {
  readonly endpoint: Endpoint
  readonly path: string
  readonly query: URLSearchParams
  readonly pathValues: ReadonlyMap<string, string>
}

export async function serveEndpoint(request: IncomingMessage, response: ServerResponse, routed: Routed, context: Context): Promise<void> {
  const answerHeaders = new Map<string, string | readonly string[]>(Object.entries(buildAnswerHeaders(context.config.issuer)))
  const answer = await produceAnswer({ request, response }, routed, answerHeaders, context)
  await writeAnswer(response, { answer, answerHeaders }, context)
}

async function produceAnswer(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  routed: Routed,
  answerHeaders: Map<string, string | readonly string[]>,
  context: Context,
): Promise<Answer> {
  const { endpoint, path, query, pathValues } = routed
  const renderFault = endpoint.renderFault ?? ((answer: Answer) => answer)
  try {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
    if (encoding !== 'identity')
      return renderFault(answerJson(415, { error: 'invalid_request', error_description: 'send the body without Content-Encoding' }, { connection: 'close' }))
    const mostBytes = endpoint.bodyMaxBytes ?? BODY_MAX_BYTES
    const body = await readBody({ request, response }, mostBytes)
    if (body === undefined) {
      const description = `the body is larger than the ${mostBytes} bytes that this endpoint accepts: send less per request`
      return renderFault(answerJson(413, { error: 'invalid_request', error_description: description }, { connection: 'close' }))
    }
    const peer = context.peers.of(request)
    const exchange: Exchange = {
      request,
      method: request.method ?? '',
      path,
      query,
      pathValues,
      body,
      now: context.ports.clock(),
      peer,
      address: peer.address,
      answerHeaders,
    }
    for (const step of endpoint.steps) {
      const answer = await step(exchange, context)
      if (answer !== undefined) return answer
    }
    return await endpoint.handle(exchange, context)
  } catch (fault) {
    return renderFault(answerFault(fault, path, context))
  }
}

function answerFault(fault: unknown, path: string, context: Context): Answer {
  if (fault instanceof StoreBusy) {
    context.ports.log.debug('request_met_busy_store', { path })
    return answerJson(
      503,
      { error: 'temporarily_unavailable', error_description: 'the database is busy; try again after Retry-After' },
      { 'retry-after': String(BUSY_RETRY_SECONDS) },
    )
  }
  if (fault instanceof RulesUnavailable && fault.unavailability.status !== 500) {
    const { status, waitSeconds = BUSY_RETRY_SECONDS, reason, description } = fault.unavailability
    context.ports.log.info('rules_unavailable', { path, reason })
    const body = { error: 'temporarily_unavailable', error_description: description ?? 'the rules could not be evaluated right now; try again in a moment' }
    return answerJson(status, body, { 'retry-after': String(waitSeconds) })
  }
  if (isGone(fault)) {
    context.ports.log.info('peer_gone', { path })
    return answerJson(400, { error: 'invalid_request', error_description: 'the request ended before its body did' })
  }
  context.ports.log.error('endpoint_fault', { path, fault: describeFault(fault) })
  return answerJson(500, { error: 'server_error', error_description: 'the server failed; the reason is in its log' })
}

/** The peer went away in the middle of its body: no fault of ours. */
function isGone(fault: unknown): boolean {
  return (fault as { code?: unknown } | undefined)?.code === 'ECONNRESET'
}

/** Undefined if it is too large, by its own account or by what came. `100 Continue` is sent only to a body that will be read. */
async function readBody(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  maxBytes: number,
): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined
  if (request.headers.expect !== undefined) response.writeContinue()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function writeAnswer(
  response: ServerResponse,
  { answer, answerHeaders }: { readonly answer: Answer; readonly answerHeaders: ReadonlyMap<string, string | readonly string[]> },
  context: Context,
): Promise<void> {
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
      response.end(JSON.stringify(body.value, toDescriptions))
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
      if (response.req.method === 'HEAD') response.end()
      else await writeStream(response, body.open, context)
  }
}

/** RFC 6749 section 5.2 limits the characters of a description; values of a caller may be quoted in one. */
function toDescriptions(name: string, value: unknown): unknown {
  return name === 'error_description' && typeof value === 'string' ? toDescription(value) : value
}

async function writeStream(response: ServerResponse, open: OpenStream, context: Context): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.flushHeaders()
  try {
    await open((text) => writeText(response, text, gone.signal), gone.signal)
    response.end()
  } catch (fault) {
    // The headers are out: cutting the connection is the only way left to say that it went wrong.
    context.ports.log.error('stream_fault', { fault: describeFault(fault) })
    response.destroy()
  }
}

/** A peer that takes nothing for this long is cut off. */
const DRAIN_MAX_MILLISECONDS = 60_000

function writeText(response: ServerResponse, text: string, gone: AbortSignal): Promise<void> {
  if (gone.aborted || response.write(text)) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), DRAIN_MAX_MILLISECONDS)
    const done = () => {
      clearTimeout(timer)
      response.off('drain', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    response.on('drain', done)
    gone.addEventListener('abort', done)
  })
}

export function describeFault(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
}
