// A request's body on its way to the upstream, with back-pressure. Ending it early never ends the client's connection by itself: an answer may still be due.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #onFirstRead: () => void
  #started = false
  #done = false

  /** `onFirstRead` is called when the upstream is ready for the body: the moment to tell the client to send it. */
  constructor(request: IncomingMessage, onFirstRead: () => void) {
    super({ highWaterMark: 64 * 1024 })
    this.#request = request
    this.#onFirstRead = onFirstRead
  }

  override _read(): void {
    if (this.#started) {
      this.#request.resume()
      return
    }
    this.#started = true
    this.#request.on('data', this.#onData)
    this.#request.on('end', this.#onEnd)
    this.#request.on('close', this.#onClose)
    this.#request.on('error', this.#onClose)
    this.#onFirstRead()
    if (this.#request.destroyed && !this.#request.complete) this.#onClose()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#done = true
    this.#request.off('data', this.#onData)
    this.#request.off('end', this.#onEnd)
    this.#request.pause()
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#request.pause()
  }

  readonly #onEnd = (): void => {
    this.#done = true
    this.push(null)
  }

  /** A body that broke off is never ended as if it were whole. */
  readonly #onClose = (): void => {
    if (!this.#done) this.destroy(new Error('the client ended its request before its end'))
  }
}
