// The HTTP server with every limit of ours set: slow, large and odd requests end early, and nothing of a refused one is read as the next.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Context } from '../context.ts'
import { checkRequest } from './check-request.ts'

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
    requireHostHeader: true,
    insecureHTTPParser: false,
  }
  const checked = (request: IncomingMessage, response: ServerResponse) => {
    const refusal = checkRequest(request, context.config.issuer)
    if (refusal === undefined) return app(request, response)
    context.ports.log.info('request_refused', { reason: refusal.reason })
    refuse(response, refusal.status)
  }
  const server = tls === undefined ? createServer(options, checked) : createTlsServer({ ...options, cert: tls.certificate, key: tls.key }, checked)
  server.maxHeadersCount = 0
  server.maxRequestsPerSocket = REQUESTS_MAX_PER_SOCKET
  server.timeout = IDLE_MILLISECONDS
  // The body is asked for (100) only when an endpoint reads it: a refusal comes first (RFC 9110 section 10.1.1).
  server.on('checkContinue', checked)
  server.on('checkExpectation', (_request, response) => refuse(response, 417))
  server.on('clientError', answerClientError)
  return server
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' })
  response.end(JSON.stringify({ error: 'invalid_request', error_description: STATUS_CODES[status] }))
}

const CLIENT_ERROR_STATUS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = CLIENT_ERROR_STATUS[error.code ?? ''] ?? 400
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
