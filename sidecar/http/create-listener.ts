// The HTTP server towards callers: Node's own parser, never lenient, with every limit set; one request of a connection at a time. Decides nothing.
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  CONNECTIONS_CHECK_MILLISECONDS,
  CONNECTIONS_MAX,
  HEAD_MAX_BYTES,
  HEAD_TIMEOUT_MILLISECONDS,
  KEEP_ALIVE_MILLISECONDS,
  PIPELINE_MAX_WAITING,
  REQUESTS_PER_CONNECTION,
} from '../limits.ts'
import type { RefusalReason } from '../refuse/refusal.ts'

/** `continue`: the client waits for a word before it sends its body. */
export type RequestKind = 'plain' | 'continue' | 'upgrade'

export interface ListenerHandlers {
  /** Must end the response or destroy it, sooner or later. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, kind: RequestKind) => void
  /** What could not be read, or is no request that we take; gives the whole raw answer. `current`: the answer of the request that broke halfway. */
  readonly onUnreadable: (reason: RefusalReason, ip: string, current?: ServerResponse) => string
}

export interface ListenerOptions {
  readonly idleMilliseconds: number
  readonly tls?: { readonly certificate: string; readonly key: string }
}

interface Waiting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly kind: RequestKind
}

/** What is going on on one connection. */
interface Line {
  current: ServerResponse | undefined
  readonly waiting: Waiting[]
}

export function createListener(handlers: ListenerHandlers, options: ListenerOptions): Server {
  const lines = new WeakMap<Duplex, Line>()

  function lineOf(socket: Duplex): Line {
    const known = lines.get(socket)
    if (known !== undefined) return known
    const line: Line = { current: undefined, waiting: [] }
    lines.set(socket, line)
    return line
  }

  /** Pipelined requests are taken in order, one when the answer to the one before is done. */
  function accept(next: Waiting): void {
    const { socket } = next.request
    const line = lineOf(socket)
    if (line.current === undefined) {
      begin(line, next)
      return
    }
    line.waiting.push(next)
    if (line.waiting.length >= PIPELINE_MAX_WAITING) socket.pause()
  }

  function begin(line: Line, { request, response, kind }: Waiting): void {
    line.current = response
    response.once('close', () => {
      line.current = undefined
      const { socket } = request
      // A connection that is being closed is not in step any more: what came after is nobody's request.
      if (socket.destroyed || socket.writableEnded) {
        line.waiting.length = 0
        return
      }
      const next = line.waiting.shift()
      if (line.waiting.length < PIPELINE_MAX_WAITING && socket.isPaused()) socket.resume()
      if (next !== undefined) begin(line, next)
    })
    handlers.onRequest(request, response, kind)
  }

  function onClientError(error: Error & { code?: string }, socket: Duplex): void {
    const line = lines.get(socket)
    line?.waiting.splice(0)
    // With an answer under way, whatever we wrote would be read as a part of it.
    if (!socket.writable || error.code === 'ECONNRESET' || line?.current?.headersSent) {
      socket.destroy()
      return
    }
    endWith(socket, handlers.onUnreadable(reasonOf(error), addressOf(socket), line?.current))
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => socket.destroy())
    if (lines.get(socket)?.current !== undefined) {
      socket.destroy()
      return
    }
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as Socket)
    response.once('finish', () => (socket as Socket).destroySoon())
    begin(lineOf(socket), { request, response, kind: 'upgrade' })
  }

  const server = createBareServer(options)
  server.maxHeadersCount = 0 // all lines are seen; the head's limit bounds them, and request-head.ts counts them
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION
  server.maxConnections = CONNECTIONS_MAX
  server.timeout = options.idleMilliseconds
  server.on('request', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('checkContinue', (request, response) => accept({ request, response, kind: 'continue' }))
  server.on('checkExpectation', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('upgrade', onUpgrade)
  server.on('connect', (_request, socket) => endWith(socket, handlers.onUnreadable('connect_refused', addressOf(socket))))
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

function endWith(socket: Duplex, answer: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(answer, () => socket.destroy())
}

function addressOf(socket: Duplex): string {
  return (socket as Socket).remoteAddress ?? ''
}

function reasonOf(error: Error & { code?: string }): RefusalReason {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'head_too_large'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout'
    default:
      return 'malformed_request'
  }
}
