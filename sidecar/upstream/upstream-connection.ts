// One connection to the upstream: carries one exchange at a time and says when it is free or gone. What cannot be trusted to be in step is destroyed.
import type { Socket } from 'node:net'
import { UPSTREAM_KEEP_ALIVE_MILLISECONDS } from '../limits.ts'
import type { UpstreamExchange, UpstreamFault } from './exchange.ts'
import { keepReadingAfterFailedWrite } from './keep-reading.ts'
import { ResponseReader } from './response-reader.ts'

export interface ConnectionOptions {
  /** A response that sends nothing for so long has failed. */
  readonly idleMilliseconds: number
  readonly onFree: (connection: UpstreamConnection) => void
  readonly onClosed: (connection: UpstreamConnection) => void
}

/** The upstream closes idle connections too: one that it is about to close must not be used any more. */
const KEEP_ALIVE_MARGIN_MILLISECONDS = 1_000

export class UpstreamConnection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  #exchange: UpstreamExchange | undefined
  #reader: ResponseReader | undefined
  #bytesBefore = 0
  #isSent = false
  #isPaused = false
  #hasWriteFailed = false
  #keepAliveTimer: NodeJS.Timeout | undefined
  /** True from its first exchange on. */
  isUsed = false

  /** `socket` is connected. */
  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    keepReadingAfterFailedWrite(socket, this.#onWriteFailed)
    socket.setNoDelay(true)
    socket.setTimeout(options.idleMilliseconds)
    socket.on('data', this.#onData)
    socket.on('drain', () => this.#exchange?.body?.resume())
    socket.on('end', this.#onEnd)
    socket.on('timeout', this.#onTimeout)
    socket.on('error', () => undefined) // 'close' follows, and tells the exchange
    socket.on('close', this.#onClose)
    this.#endWhenIdleFor(UPSTREAM_KEEP_ALIVE_MILLISECONDS)
  }

  get isAlive(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#socket.readable
  }

  send(exchange: UpstreamExchange): void {
    clearTimeout(this.#keepAliveTimer)
    this.#exchange = exchange
    this.#reader = new ResponseReader(exchange.method)
    this.#bytesBefore = this.isUsed ? this.#socket.bytesRead : -1
    this.isUsed = true
    this.#isSent = exchange.body === undefined
    exchange.onConnection(this)
    this.#socket.cork()
    this.#socket.write(exchange.head, 'latin1')
    exchange.body?.start(this.#socket, (isWhole) => this.#onBodyOver(exchange, isWhole))
    this.#socket.uncork()
  }

  /** The exchange can take more. */
  resume(): void {
    this.#isPaused = false
    this.#socket.setTimeout(this.#options.idleMilliseconds)
    this.#socket.resume()
  }

  /** Ends the connection; an exchange on it fails. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Gives up the exchange without telling it. */
  abandon(): void {
    this.#exchange?.body?.stop()
    this.#exchange = undefined
    this.#socket.destroy()
  }

  #onBodyOver(exchange: UpstreamExchange, isWhole: boolean): void {
    if (this.#exchange !== exchange) return
    if (!isWhole) {
      this.#fail('request_broken')
      return
    }
    this.#isSent = true
    exchange.onSent()
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#read(chunk)
    } catch {
      // A fault of ours must cost this exchange only.
      this.#fail('internal_fault')
    }
  }

  #read(chunk: Buffer): void {
    const exchange = this.#exchange
    const reader = this.#reader
    if (exchange === undefined || reader === undefined) {
      // Nobody asked for these bytes: they must not become the response to the next request.
      this.#socket.destroy()
      return
    }
    const hadHead = reader.head !== undefined
    const { state, data, used } = reader.read(chunk)
    if (!hadHead && reader.head !== undefined) exchange.onHead(reader.head)
    // Whatever the exchange does, it may have abandoned this connection.
    if (this.#exchange !== exchange) return
    if (state === 'malformed') this.#fail('upstream_malformed')
    else if (state === 'done') this.#complete(exchange, data, used === chunk.length)
    else if (data === undefined) exchange.onPause()
    else if (!exchange.onData(data)) this.#pause(exchange)
  }

  #pause(exchange: UpstreamExchange): void {
    if (this.#exchange !== exchange) return
    this.#isPaused = true
    this.#socket.pause()
  }

  #complete(exchange: UpstreamExchange, data: Buffer | undefined, isInStep: boolean): void {
    const head = this.#reader?.head
    const isReusable = isInStep && this.#isSent && !exchange.isLast && head?.isReusable === true && this.isAlive
    exchange.body?.stop()
    this.#exchange = undefined
    this.#reader = undefined
    exchange.onEnd(data)
    if (isReusable) this.#keep(head.keepAliveSeconds)
    else this.#socket.destroy()
  }

  #keep(keepAliveSeconds: number | undefined): void {
    const announced = keepAliveSeconds === undefined ? Number.POSITIVE_INFINITY : keepAliveSeconds * 1000 - KEEP_ALIVE_MARGIN_MILLISECONDS
    const milliseconds = Math.min(UPSTREAM_KEEP_ALIVE_MILLISECONDS, announced)
    if (milliseconds <= 0) {
      this.#socket.destroy()
      return
    }
    this.#endWhenIdleFor(milliseconds)
    this.#options.onFree(this)
  }

  /** Until the next `send`. */
  #endWhenIdleFor(milliseconds: number): void {
    this.#keepAliveTimer = setTimeout(() => this.#socket.destroy(), milliseconds)
    this.#keepAliveTimer.unref()
  }

  /** What the upstream has sent by now may be an early response, so reading goes on. */
  readonly #onWriteFailed = (): void => {
    this.#hasWriteFailed = true
    this.#exchange?.body?.stop()
  }

  #fail(fault: UpstreamFault): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    const isUntouched = this.#socket.bytesRead === this.#bytesBefore
    exchange.body?.stop()
    this.#exchange = undefined
    this.#socket.destroy()
    exchange.onFault(fault, { isUntouched })
  }

  /** The upstream closes its side, and only a body without a length is complete by that. A reset is no 'end', unless a failed write has already reported it. */
  readonly #onEnd = (): void => {
    const exchange = this.#exchange
    if (exchange !== undefined && !this.#hasWriteFailed && this.#reader?.isCompleteAtEnd()) this.#complete(exchange, undefined, false)
    else this.#socket.destroy()
  }

  readonly #onTimeout = (): void => {
    // Until the head has come, the exchange has a timer of its own; while paused, it is the caller who is slow.
    if (this.#exchange !== undefined && this.#reader?.head !== undefined && !this.#isPaused) this.#fail('upstream_timeout')
  }

  readonly #onClose = (): void => {
    clearTimeout(this.#keepAliveTimer)
    this.#options.onClosed(this)
    this.#fail('upstream_unreachable')
  }
}
