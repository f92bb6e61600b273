// Which versions of HTTP are spoken here: 1.1 with everybody, and 1.0 with trusted proxies, since nginx speaks it by default.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Peers } from './peers.ts'

/** With HTTP/1.0 there are no chunks and no second request, and the request names its Host as with HTTP/1.1. */
export function isSpokenVersion(request: IncomingMessage, peers: Peers): boolean {
  if (request.httpVersion === '1.1') return true
  return request.httpVersion === '1.0' && !('transfer-encoding' in request.headers) && peers.isFromProxy(request)
}

/**
 * Prepares the answer to a request of HTTP/1.0. Its body ends with the connection, so an answer that is cut must be cut with a reset:
 * an orderly close would make it look whole.
 */
export function prepareOldAnswer(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersion !== '1.0') return
  response.shouldKeepAlive = false
  response.useChunkedEncodingByDefault = false
  const { socket } = request
  if (!isPlain(socket)) return
  // Timeouts and the end of a drain destroy the socket without asking the response. It carries this one answer only.
  const destroy = socket.destroy.bind(socket)
  socket.destroy = (error) => {
    socket.destroy = destroy
    if (!response.writableFinished) socket.resetAndDestroy()
    return destroy(error)
  }
}

/** Under TLS a missing close_notify says the same. */
function isPlain(socket: Socket): boolean {
  return Object.getPrototypeOf(socket) === Socket.prototype
}
