// The HTTP server with every limit of ours set: slow, large and odd requests end early, and nothing of a refused one is read as the next.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Context } from '../context.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import { checkRequest } from './check-request.ts'
import { createOpenAnswers } from './open-answers.ts'

export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** Node's own default; larger ones get 431. */
const HEADER_MAX_BYTES = 16 * 1024
const HEADERS_TIMEOUT_MILLISECONDS = 10_000
const REQUEST_TIMEOUT_MILLISECONDS = 30_000
/** Node looks at the two limits above only this often; its default is 30 s. */
const CHECKING_INTERVAL_MILLISECONDS = 1000
/** Longer than the idle time of common load balancers, 60 s. */
const KEEP_ALIVE_MILLISECONDS = 65_000
/** A socket without a byte in either direction. The feed's streams say something every 5 s. */
const IDLE_MILLISECONDS = 120_000
const REQUESTS_MAX_PER_SOCKET = 1000

export function createHttpServer(app: RequestListener, context: Context, tls?: Certificate): Server {
  const options = {
    maxHeaderSize: HEADER_MAX_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MILLISECONDS,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    connectionsCheckingInterval: CHECKING_INTERVAL_MILLISECONDS,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    // check-request.ts looks for it: Node's own refusal has neither a body nor headers.
    requireHostHeader: false,
    insecureHTTPParser: false,
  }
  const openAnswers = createOpenAnswers()
  const checked = (request: IncomingMessage, response: ServerResponse) => {
    openAnswers.add(response)
    const refusal = checkRequest(request, context.config.issuer)
    if (refusal === undefined) return app(request, response)
    context.ports.log.info('request_refused', { reason: refusal.reason })
    refuse(response, refusal.status, context.config.issuer)
  }
  const server = tls === undefined ? createServer(options, checked) : createTlsServer({ ...options, cert: tls.certificate, key: tls.key }, checked)
  server.maxHeadersCount = 0
  server.maxRequestsPerSocket = REQUESTS_MAX_PER_SOCKET
  server.timeout = IDLE_MILLISECONDS
  // The body is asked for (100) only when an endpoint reads it: a refusal comes first (RFC 9110 section 10.1.1).
  server.on('checkContinue', checked)
  server.on('checkExpectation', (_request, response) => refuse(response, 417, context.config.issuer))
  server.on('connect', (_request, socket) => openAnswers.writeAlone(socket, () => endSocket(socket, 405, context.config.issuer)))
  server.on('clientError', (error, socket) => openAnswers.writeAlone(socket, () => answerClientError(error, socket, context.config.issuer)))
  return server
}

function refuse(response: ServerResponse, status: number, issuer: string): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(buildRefusalHeaders(status, issuer))) response.setHeader(name, value)
  response.end(buildRefusalBody(status))
}

/** Everything this server takes anywhere; a path that is served has its own list (refuse-unserved.ts). */
const METHODS = 'GET, HEAD, POST, PUT, DELETE, OPTIONS'

function buildRefusalHeaders(status: number, issuer: string): Readonly<Record<string, string>> {
  const allow: Record<string, string> = status === 405 ? { allow: METHODS } : {}
  return { ...buildAnswerHeaders(issuer), ...allow, 'content-type': 'application/json', connection: 'close' }
}

function buildRefusalBody(status: number): string {
  return JSON.stringify({ error: 'invalid_request', error_description: DESCRIPTIONS[status] ?? STATUS_CODES[status] })
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'the request cannot be read as HTTP/1.1',
  405: 'this method is not served',
  408: 'the request took too long to arrive',
  414: 'the request target is too long',
  417: 'this expectation is not met',
  421: 'the Host header names another server',
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
  const body = buildRefusalBody(status)
  const lines = Object.entries({ ...buildRefusalHeaders(status, issuer), 'content-length': String(Buffer.byteLength(body)) })
  const head = lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n\r\n${body}`, () => socket.destroy())
}
