// The requests of one connection, one at a time and in order. What cannot be served is answered after those before it, and ends the connection.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { REQUESTS_PER_CONNECTION } from '../../system/http/strict-server.ts'
import { PIPELINE_MAX_WAITING } from '../limits.ts'
import { closeLingering, lingerOnClose } from './lingering-close.ts'

export interface Waiting<Kind> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly kind: Kind
}

export class ConnectionLine<Kind> {
  readonly #socket: Socket
  readonly #onRequest: (next: Waiting<Kind>) => void
  readonly #waiting: Waiting<Kind>[] = []
  #current: Waiting<Kind> | undefined
  /** The last raw bytes of the connection, asked for when it is their turn. */
  #farewell: (() => string) | undefined
  #isClosing = false
  #accepted = 0

  constructor(socket: Socket, onRequest: (next: Waiting<Kind>) => void) {
    this.#socket = socket
    this.#onRequest = onRequest
    lingerOnClose(socket, () => {
      this.#isClosing = true
      this.#current?.request.resume()
    })
  }

  accept(next: Waiting<Kind>): void {
    // A connection that is being closed is out of step: what comes after is nobody's request.
    if (this.isEnding || this.#accepted >= REQUESTS_PER_CONNECTION) {
      next.request.resume()
      return
    }
    this.#accepted += 1
    // Node has a limit of its own, but answers what exceeds it by itself.
    if (this.#accepted === REQUESTS_PER_CONNECTION) next.response.shouldKeepAlive = false
    if (this.#current === undefined) {
      this.#begin(next)
      return
    }
    this.#waiting.push(next)
    if (this.#waiting.length >= PIPELINE_MAX_WAITING) this.#socket.pause()
  }

  /**
   * Nothing more can be read as a request. `farewell` gives the raw answer to it: sent after the responses before it, or in place of the
   * response to a request that broke off in its body (passed as `broken`), as long as that has not begun.
   */
  end(farewell: (broken: ServerResponse | undefined) => string): void {
    if (this.isEnding) return
    const broken = this.#takeBroken()
    if (broken !== undefined && this.#current === broken) {
      this.#waiting.length = 0
      // Whatever was written now would be read as part of the response that is under way.
      if (broken.response.headersSent) this.#socket.destroy()
      else this.#close(farewell(broken.response))
      return
    }
    if (this.#current === undefined) this.#close(farewell(undefined))
    else this.#farewell = () => farewell(undefined)
  }

  /** The response that is under way. */
  get response(): ServerResponse | undefined {
    return this.#current?.response
  }

  /** No further request is accepted. */
  get isEnding(): boolean {
    return this.#isClosing || this.#farewell !== undefined || this.#socket.destroyed || this.#socket.writableEnded
  }

  /** The request whose body was being read: the newest, if it is incomplete. One that only waits is given up. */
  #takeBroken(): Waiting<Kind> | undefined {
    const newest = this.#waiting.at(-1) ?? this.#current
    if (newest === undefined || newest.request.complete) return undefined
    if (newest !== this.#current) this.#waiting.pop()
    return newest
  }

  #close(lastBytes: string): void {
    this.#isClosing = true
    closeLingering(this.#socket, lastBytes)
  }

  #begin(next: Waiting<Kind>): void {
    this.#current = next
    this.#onRequest(next)
    // After the listeners of the request itself, so that its audit line comes before the next one's.
    next.response.once('close', this.#onDone)
  }

  readonly #onDone = (): void => {
    this.#current = undefined
    if (this.#isClosing || this.#socket.destroyed || this.#socket.writableEnded) {
      this.#waiting.length = 0
      return
    }
    const next = this.#waiting.shift()
    if (this.#waiting.length < PIPELINE_MAX_WAITING && this.#socket.isPaused()) this.#socket.resume()
    if (next !== undefined) this.#begin(next)
    else if (this.#farewell !== undefined) this.#close(this.#farewell())
  }
}
