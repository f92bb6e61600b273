// Checks each request of the strict server before the application sees it: what is refused here ends its connection, so nothing of it is read as the next.
import { type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { prepareOldAnswer } from '../../system/http/http-version.ts'
import type { StrictServer } from '../../system/http/strict-server.ts'
import type { Context } from '../context.ts'
import { checkRequest } from './check-request.ts'

export const REQUEST_MILLISECONDS = 30_000
/** A socket without a byte in either direction. The feed's streams say something every 5 s. */
export const IDLE_MILLISECONDS = 120_000

export function attachApp({ server, peers }: StrictServer, app: RequestListener, context: Context): void {
  const checked = (request: IncomingMessage, response: ServerResponse) => {
    prepareOldAnswer(request, response)
    const refusal = checkRequest(request, context.config.issuer, peers)
    if (refusal === undefined) return app(request, response)
    context.ports.log.info('request_refused', { reason: refusal.reason })
    refuse(response, refusal.status)
  }
  server.on('request', checked)
  // The body is asked for (100) only when an endpoint reads it: a refusal comes first (RFC 9110 section 10.1.1).
  server.on('checkContinue', checked)
  server.on('checkExpectation', (_request, response) => refuse(response, 417))
  server.on('clientError', answerClientError)
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
