// Checks each request of the strict server before the application sees it: what is refused here ends its connection, so nothing of it is read as the next.
import { type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { prepareOldAnswer } from '../../system/http/http-version.ts'
import type { StrictServer } from '../../system/http/strict-server.ts'
import type { Context } from '../context.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import { checkRequest } from './check-request.ts'
import { createOpenAnswers } from './open-answers.ts'

export const REQUEST_MILLISECONDS = 30_000
/** A socket without a byte in either direction. The feed's streams say something every 5 s. */
export const IDLE_MILLISECONDS = 120_000

export function attachApp({ server, peers }: StrictServer, app: RequestListener, context: Context): void {
  const openAnswers = createOpenAnswers()
  const checked = (request: IncomingMessage, response: ServerResponse) => {
    openAnswers.add(response)
    prepareOldAnswer(request, response)
    const refusal = checkRequest(request, context.config.issuer, peers)
    if (refusal === undefined) return app(request, response)
    context.ports.log.info('request_refused', { reason: refusal.reason })
    refuse(response, refusal.status, context.config.issuer)
  }
  server.on('request', checked)
  // The body is asked for (100) only when an endpoint reads it: a refusal comes first (RFC 9110 section 10.1.1).
  server.on('checkContinue', checked)
  server.on('checkExpectation', (_request, response) => refuse(response, 417, context.config.issuer))
  server.on('connect', (_request, socket) => openAnswers.writeAlone(socket, () => endSocket(socket, 405, context.config.issuer)))
  server.on('clientError', (error, socket) => openAnswers.writeAlone(socket, () => answerClientError(error, socket, context.config.issuer)))
}

function refuse(response: ServerResponse, status: number, issuer: string): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(buildRefusalHeaders(status, issuer))) response.setHeader(name, value)
  response.end(buildRefusalBody(status, issuer))
}

/** Everything this server takes anywhere; a path that is served has its own list (refuse-unserved.ts). */
const METHODS = 'GET, HEAD, POST, PUT, DELETE, OPTIONS'

function buildRefusalHeaders(status: number, issuer: string): Readonly<Record<string, string>> {
  const allow: Record<string, string> = status === 405 ? { allow: METHODS } : {}
  return { ...buildAnswerHeaders(issuer), ...allow, 'content-type': 'application/json', connection: 'close' }
}

function buildRefusalBody(status: number, issuer: string): string {
  // The name is public, and a client with another one can be corrected with it.
  const name = status === 421 ? `; this server is ${issuer}` : ''
  return JSON.stringify({ error: 'invalid_request', error_description: `${DESCRIPTIONS[status] ?? STATUS_CODES[status]}${name}` })
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'the request is not valid HTTP/1.1',
  405: 'this method is not supported',
  408: 'the request took too long to arrive',
  414: 'the request target is too long',
  417: 'this expectation is not supported',
  421: 'the Host header does not name this server',
  431: 'the header fields are too large or too many',
  501: 'this transfer coding is not supported',
  505: 'use HTTP/1.1',
}

const CLIENT_ERROR_STATUS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, issuer: string): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  endSocket(socket, CLIENT_ERROR_STATUS[error.code ?? ''] ?? 400, issuer)
}

/** For requests that Node gives no response object for. */
function endSocket(socket: Duplex, status: number, issuer: string): void {
  socket.on('error', () => socket.destroy())
  const body = buildRefusalBody(status, issuer)
  const lines = Object.entries({ ...buildRefusalHeaders(status, issuer), 'content-length': String(Buffer.byteLength(body)) })
  const head = lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n\r\n${body}`, () => socket.destroy())
}
