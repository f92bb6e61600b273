// Sends a request's body to the upstream with the framing in which it came, with back-pressure. A body that broke off is never ended as if it were complete.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export interface RequestBodyOptions {
  readonly isChunked: boolean
  /** The upstream is ready for the body: the moment to let the client send it. */
  readonly onReady: () => void
}

export class RequestBody {
  readonly #request: IncomingMessage
  readonly #options: RequestBodyOptions
  #socket: Socket | undefined
  #onOver: ((isWhole: boolean) => void) | undefined

  constructor(request: IncomingMessage, options: RequestBodyOptions) {
    this.#request = request
    this.#options = options
  }

  /** `onOver` is called once: with true after the last byte, with false if the client broke off. Not called after `stop`. */
  start(socket: Socket, onOver: (isWhole: boolean) => void): void {
    this.#socket = socket
    this.#onOver = onOver
    this.#options.onReady()
    const request = this.#request
    if (request.destroyed && !request.complete) {
      this.#finish(false)
      return
    }
    // What has arrived already goes out together with the head.
    const begun: Buffer | null = request.readableLength > 0 ? (request.read() as Buffer | null) : null
    if (begun !== null) this.#write(begun)
    request.on('end', this.#onEnd)
    request.on('close', this.#onClose)
    request.on('data', this.#onData)
  }

  /** The socket can take more. */
  resume(): void {
    if (this.#onOver !== undefined) this.#request.resume()
  }

  /** Sends no more, and lets the client go on: a client that is still sending may not read the response before it has finished. */
  stop(): void {
    if (this.#onOver === undefined) return
    this.#detach()
    this.#request.resume()
  }

  #write(data: Buffer): boolean {
    const socket = this.#socket
    if (socket === undefined || data.length === 0) return true
    if (!this.#options.isChunked) return socket.write(data)
    socket.cork()
    socket.write(`${data.length.toString(16)}\r\n`, 'latin1')
    socket.write(data)
    const hasRoom = socket.write('\r\n', 'latin1')
    socket.uncork()
    return hasRoom
  }

  #finish(isWhole: boolean): void {
    const onOver = this.#onOver
    this.#detach()
    onOver?.(isWhole)
  }

  #detach(): void {
    this.#onOver = undefined
    this.#request.off('data', this.#onData)
    this.#request.off('end', this.#onEnd)
    this.#request.off('close', this.#onClose)
  }

  readonly #onData = (data: Buffer): void => {
    if (!this.#write(data)) this.#request.pause()
  }

  readonly #onEnd = (): void => {
    if (this.#options.isChunked) this.#socket?.write('0\r\n\r\n', 'latin1')
    this.#finish(true)
  }

  readonly #onClose = (): void => this.#finish(false)
}
