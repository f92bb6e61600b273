// The HTTP server towards callers: Node's own parser, never lenient, with every limit set; one request of a connection at a time. Decides nothing.
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { CONNECTIONS_CHECK_MILLISECONDS, CONNECTIONS_MAX, HEAD_MAX_BYTES, HEAD_TIMEOUT_MILLISECONDS, KEEP_ALIVE_MILLISECONDS } from '../limits.ts'
import type { RefusalReason } from '../refuse/refusal.ts'
import { ConnectionLine, type Waiting } from './connection-line.ts'

/** `continue`: the client waits for a word before it sends its body. */
export type RequestKind = 'plain' | 'continue' | 'upgrade'

export interface ListenerHandlers {
  /** Must end the response or destroy it, sooner or later. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, kind: RequestKind) => void
  /** Something that cannot be read, or is not a request that we accept. Returns the whole raw response. `current`: the response to the request whose body broke off. */
  readonly onUnreadable: (reason: RefusalReason, ip: string, current?: ServerResponse) => string
}

/** `reason`: the parser's own words. */
type ParserError = Error & { readonly code?: string; readonly reason?: string }

export interface ListenerOptions {
  readonly idleMilliseconds: number
  readonly tls?: { readonly certificate: string; readonly key: string }
}

export function createListener(handlers: ListenerHandlers, options: ListenerOptions): Server {
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
    else line.end((broken) => handlers.onUnreadable(reasonOf(error), addressOf(socket), broken))
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
    lineOf(socket).end(() => handlers.onUnreadable('connect_refused', addressOf(socket)))
  }

  /** After an upgrade or CONNECT, Node no longer looks after the socket, though a response before it may still be under way. */
  function takeBack(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    socket.on('timeout', () => socket.destroy())
    socket.on('end', () => socket.end())
    socket.on('drain', () => lines.get(socket)?.response?.emit('drain'))
    socket.resume()
  }

  const server = createBareServer(options)
  server.on('error', () => undefined) // `listen` reports its own; a connection that cannot be accepted costs only itself
  server.maxHeadersCount = 0 // all lines are seen; the head's limit bounds them, and request-head.ts counts them
  server.maxConnections = CONNECTIONS_MAX
  server.timeout = options.idleMilliseconds
  server.on('request', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('checkContinue', (request, response) => accept({ request, response, kind: 'continue' }))
  server.on('checkExpectation', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('upgrade', onUpgrade)
  server.on('connect', onConnect)
  server.on('clientError', onClientError)
  return server
}

function createBareServer({ tls }: ListenerOptions): Server {
  const options = {
    insecureHTTPParser: false,
    maxHeaderSize: HEAD_MAX_BYTES,
    headersTimeout: HEAD_TIMEOUT_MILLISECONDS,
    // Bodies are timed by route, since some may stream for hours.
    requestTimeout: 0,
    connectionsCheckingInterval: CONNECTIONS_CHECK_MILLISECONDS,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    requireHostHeader: false, // request-head.ts refuses with a reason
    noDelay: true,
  }
  if (tls === undefined) return createServer(options)
  return createTlsServer({ ...options, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] })
}

function addressOf(socket: Duplex): string {
  return (socket as Socket).remoteAddress ?? ''
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
