// Takes the requests of a strict server one at a time on each connection, and answers what cannot be read as a request. Decides nothing.
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Peer } from '../../system/http/peer.ts'
import type { StrictServer } from '../../system/http/strict-server.ts'
import type { RefusalReason } from '../refuse/refusal.ts'
import { ConnectionLine, type Waiting } from './connection-line.ts'

/** `continue`: the client waits for a word before it sends its body. */
export type RequestKind = 'plain' | 'continue' | 'upgrade'

export interface ListenerHandlers {
  /** Must end the response or destroy it, sooner or later. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, kind: RequestKind) => void
  /** Something that cannot be read, or is not a request that we accept. Returns the whole raw response. `current`: the response to the request whose body broke off. */
  readonly onUnreadable: (reason: RefusalReason, peer: Peer, current?: ServerResponse) => string
}

/** `reason`: the parser's own words. */
type ParserError = Error & { readonly code?: string; readonly reason?: string }

export function attachListener({ server, peers }: StrictServer, handlers: ListenerHandlers): void {
  const lines = new WeakMap<Duplex, ConnectionLine<RequestKind>>()

  function onRequest({ request, response, kind }: Waiting<RequestKind>): void {
    if (kind === 'upgrade') response.assignSocket(request.socket)
    handlers.onRequest(request, response, kind)
  }

  function lineOf(socket: Duplex): ConnectionLine<RequestKind> {
    const known = lines.get(socket)
    if (known !== undefined) return known
    const line = new ConnectionLine<RequestKind>(socket as Socket, onRequest)
    lines.set(socket, line)
    return line
  }

  function accept(next: Waiting<RequestKind>): void {
    // What is written to a response after its connection has gone is lost, and no reason to stop.
    next.response.on('error', () => undefined)
    lineOf(next.request.socket).accept(next)
  }

  function onClientError(error: ParserError, socket: Duplex): void {
    if (error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const line = lineOf(socket)
    // More of what could not be read the first time.
    if (line.isEnding) return
    if (!socket.writable) socket.destroy()
    else line.end((broken) => handlers.onUnreadable(reasonOf(error), peers.ofConnection(socket as Socket), broken))
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex): void {
    takeBack(socket as Socket)
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.once('finish', () => (socket as Socket).destroySoon())
    accept({ request, response, kind: 'upgrade' })
  }

  function onConnect(_request: IncomingMessage, socket: Duplex): void {
    takeBack(socket as Socket)
    lineOf(socket).end(() => handlers.onUnreadable('connect_refused', peers.ofConnection(socket as Socket)))
  }

  /** After an upgrade or CONNECT, Node no longer looks after the socket, though a response before it may still be under way. */
  function takeBack(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    socket.on('timeout', () => socket.destroy())
    socket.on('end', () => socket.end())
    socket.on('drain', () => lines.get(socket)?.response?.emit('drain'))
    socket.resume()
  }

  server.on('error', () => undefined) // `listen` reports its own; a connection that cannot be accepted costs only itself
  server.on('request', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('checkContinue', (request, response) => accept({ request, response, kind: 'continue' }))
  server.on('checkExpectation', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('upgrade', onUpgrade)
  server.on('connect', onConnect)
  server.on('clientError', onClientError)
}

function reasonOf(error: ParserError): RefusalReason {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'head_too_large'
    case 'HPE_INVALID_CONTENT_LENGTH':
      return error.reason === 'Content-Length overflow' ? 'content_too_large' : 'malformed_request'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout'
    default:
      return 'malformed_request'
  }
}
