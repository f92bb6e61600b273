// One exchange with the upstream, as undici tells it. A body that broke off is never ended cleanly; whoever leaves first ends both sides.
import type { Duplex } from 'node:stream'
import type { Dispatcher, Pool } from 'undici'
import { TRANSFORM_MAX_BYTES, TRANSFORMS_HELD_MAX_BYTES } from '../limits.ts'
import { kindOfAnswer, letsOthersPass } from '../obligations/kind-of-answer.ts'
import { type TransformRefusal, transformAnswer } from '../obligations/transform-answer.ts'
import { buildClientHeaders } from './client-headers.ts'
import type { ForwardRequest } from './forwarder.ts'
import { RequestBody } from './request-body.ts'
import type { ConnectionMeter, MeteredHandler } from './upstream-pool.ts'

export type ForwardFault =
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_malformed'
  | TransformRefusal
  | 'too_many_requests_in_flight'
  | 'request_broken'

export interface ForwardHandlerOptions {
  readonly pool: Pool
  readonly dispatch: Dispatcher.DispatchOptions
  readonly forward: ForwardRequest
  readonly answerMilliseconds: number
  /** Bytes of answers that are held whole, of all forwards together. */
  readonly held: { bytes: number }
}

const RETRIABLE = new Set(['GET', 'HEAD'])
const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])
const MALFORMED = /^(?:HPE_|UND_ERR_(?:RES|HEADERS_OVERFLOW|INVALID|NOT_SUPPORTED|HTTP_PARSER))/

export class ForwardHandler implements MeteredHandler {
  connection: ConnectionMeter | undefined
  readonly #options: ForwardHandlerOptions
  #timer: NodeJS.Timeout | undefined
  #abort: ((error?: Error) => void) | undefined
  #resume: (() => void) | undefined
  #bytesBefore = 0
  #retried = false
  #over = false
  /** The answer so far, where something is to be done to it. */
  #held: Buffer[] | undefined
  #heldBytes = 0
  #status = 0
  #statusText = ''
  #headers: readonly Buffer[] = []

  constructor(options: ForwardHandlerOptions) {
    this.#options = options
  }

  start(): void {
    const { response } = this.#options.forward
    response.once('close', this.abandon)
    const { body } = this.#options.dispatch
    // The upstream's time begins when it has the whole request; an upload has limits of its own.
    if (body instanceof RequestBody) body.once('end', this.#startTimer)
    else this.#startTimer()
    this.#dispatch()
  }

  #dispatch(): void {
    try {
      this.#options.pool.dispatch(this.#options.dispatch, this)
    } catch (error) {
      this.onError(error as Error)
    }
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#over) {
      abort()
      return
    }
    this.#abort = abort
    this.#bytesBefore = this.connection?.bytesRead() ?? 0
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (this.#over) return true
    // Interim answers are between the upstream and us.
    if (status < 200) {
      if (status < 102 || status > 103) this.#fail('upstream_malformed')
      return true
    }
    if (status > 599) {
      this.#fail('upstream_malformed')
      return true
    }
    clearTimeout(this.#timer)
    this.#resume = resume
    this.#status = status
    this.#statusText = statusText
    this.#headers = raw
    if (this.#options.forward.obligations.length > 0) return this.#beginHolding()
    return this.#writeHead(false)
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true
    if (this.#held === undefined) return this.#options.forward.response.write(chunk) || this.#waitForDrain()
    this.#heldBytes += chunk.length
    this.#options.held.bytes += chunk.length
    if (this.#heldBytes > TRANSFORM_MAX_BYTES) this.#fail('cannot_hide')
    else if (this.#options.held.bytes > TRANSFORMS_HELD_MAX_BYTES) this.#fail('too_many_requests_in_flight')
    else this.#held.push(chunk)
    return true
  }

  onComplete(): void {
    if (this.#over) return
    if (this.#held !== undefined) {
      this.#endHeld(Buffer.concat(this.#held))
      return
    }
    this.#over = true
    this.#options.forward.response.end()
  }

  onError(error: Error): void {
    if (this.#over) return
    if (this.#mayRetry()) {
      this.#retried = true
      this.#dispatch()
      return
    }
    this.#fail(this.#faultOf(error as Error & { code?: string }))
  }

  /** Nobody asked for an upgrade. */
  onUpgrade(_status: number, _headers: Buffer[] | string[] | null, socket: Duplex): void {
    socket.destroy()
    this.#fail('upstream_malformed')
  }

  /** Gives false, so that undici reads on only when the client has taken what it has. */
  #waitForDrain(): false {
    this.#options.forward.response.once('drain', this.#onDrain)
    return false
  }

  readonly #onDrain = (): void => this.#resume?.()

  /** Writes the head; a head that cannot be written is the upstream's fault. */
  #writeHead(isRewritten: boolean, bodyLength?: number): boolean {
    const { response, addedHeaders, answerRules: rules } = this.#options.forward
    try {
      const headers = buildClientHeaders({ raw: this.#headers, added: addedHeaders, isRewritten, rules })
      if (bodyLength !== undefined) headers.push('content-length', String(bodyLength))
      response.sendDate = false
      response.writeHead(this.#status, this.#statusText, headers)
    } catch {
      this.#fail('upstream_malformed')
    }
    return true
  }

  #beginHolding(): boolean {
    const { method } = this.#options.forward
    const hasBody = method !== 'HEAD' && this.#status !== 204 && this.#status !== 304
    if (!hasBody) return this.#writeHead(true)
    const kind = kindOfAnswer(this.#headers)
    if (kind === 'empty') return this.#writeHead(true, 0)
    if (kind === 'other' && letsOthersPass(this.#options.forward.obligations)) return this.#writeHead(false)
    if (kind === 'json') this.#held = []
    else this.#fail('cannot_hide')
    return true
  }

  #endHeld(body: Buffer): void {
    const { response, obligations, now } = this.#options.forward
    this.#release()
    const shown = transformAnswer(body, { obligations, now })
    if (!shown.ok) {
      this.#fail(shown.error)
      return
    }
    this.#writeHead(true, shown.value.length)
    if (this.#over) return
    this.#over = true
    response.end(shown.value)
  }

  /** Ends both sides. If no answer was begun, the caller still gets one; else its connection is cut, since anything else would look whole. */
  #fail(fault: ForwardFault): void {
    if (this.#over) return
    this.#over = true
    this.#release()
    clearTimeout(this.#timer)
    this.#abort?.(new Error(fault))
    const { response, onFault } = this.#options.forward
    response.off('close', this.abandon)
    onFault(fault)
    if (response.headersSent && !response.writableEnded) response.destroy()
  }

  #release(): void {
    this.#options.held.bytes -= this.#heldBytes
    this.#heldBytes = 0
    this.#held = undefined
  }

  readonly #startTimer = (): void => {
    if (!this.#over && this.#status === 0) this.#timer = setTimeout(this.#onAnswerTimeout, this.#options.answerMilliseconds)
  }

  readonly #onAnswerTimeout = (): void => this.#fail('upstream_timeout')

  readonly abandon = (): void => {
    clearTimeout(this.#timer)
    if (this.#over) return
    this.#over = true
    this.#release()
    this.#abort?.(new Error('the client is gone'))
    const { body } = this.#options.dispatch
    if (body instanceof RequestBody) body.destroy()
  }

  /** Once, for a safe method without a body, and only if a connection used before closed without a byte of an answer. */
  #mayRetry(): boolean {
    const { method, body } = this.#options.dispatch
    if (this.#retried || this.#status !== 0 || body !== null || !RETRIABLE.has(method)) return false
    return this.#bytesBefore > 0 && this.connection?.bytesRead() === this.#bytesBefore
  }

  #faultOf(error: Error & { code?: string }): ForwardFault {
    const code = error.code ?? ''
    if (this.#options.forward.request.destroyed && !this.#options.forward.request.complete) return 'request_broken'
    if (TIMEOUTS.has(code)) return 'upstream_timeout'
    return MALFORMED.test(code) ? 'upstream_malformed' : 'upstream_unreachable'
  }
}
