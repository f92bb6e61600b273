// Takes the requests of a strict server one at a time on each connection, and answers what cannot be read as a request. Decides nothing.
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Peer } from '../../system/http/peer.ts'
import type { StrictServer } from '../../system/http/strict-server.ts'
import { PIPELINE_MAX_WAITING } from '../limits.ts'
import type { RefusalReason } from '../refuse/refusal.ts'

/** `continue`: the client waits for a word before it sends its body. */
export type RequestKind = 'plain' | 'continue' | 'upgrade'

export interface ListenerHandlers {
  /** Must end the response or destroy it, sooner or later. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, kind: RequestKind) => void
  /** What could not be read, or is no request that we take; gives the whole raw answer. `current`: the answer of the request that broke halfway. */
  readonly onUnreadable: (reason: RefusalReason, peer: Peer, current?: ServerResponse) => string
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

export function attachListener({ server, peers }: StrictServer, handlers: ListenerHandlers): void {
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
    endWith(socket, handlers.onUnreadable(reasonOf(error), peers.ofConnection(socket as Socket), line?.current))
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

  server.on('request', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('checkContinue', (request, response) => accept({ request, response, kind: 'continue' }))
  server.on('checkExpectation', (request, response) => accept({ request, response, kind: 'plain' }))
  server.on('upgrade', onUpgrade)
  server.on('connect', (_request, socket) => endWith(socket, handlers.onUnreadable('connect_refused', peers.ofConnection(socket as Socket))))
  server.on('clientError', onClientError)
}

function endWith(socket: Duplex, answer: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(answer, () => socket.destroy())
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
