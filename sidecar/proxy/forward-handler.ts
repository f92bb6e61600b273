// One exchange with the upstream: passes the response on, or holds it and transforms it. A body that broke off is never ended as if it were complete.
import { TRANSFORM_MAX_BYTES, TRANSFORMS_HELD_MAX_BYTES } from '../limits.ts'
import { kindOfAnswer, letsOthersPass } from '../obligations/kind-of-answer.ts'
import { type TransformRefusal, transformAnswer } from '../obligations/transform-answer.ts'
import type { Carrier, UpstreamExchange, UpstreamFault } from '../upstream/exchange.ts'
import type { RequestBody } from '../upstream/request-body.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import type { UpstreamPool } from '../upstream/upstream-pool.ts'
import { buildClientHeaders } from './client-headers.ts'
import { cutResponse } from './cut-response.ts'
import { hasField, withoutField } from './flat-headers.ts'
import type { ForwardRequest } from './forwarder.ts'

export type ForwardFault = UpstreamFault | TransformRefusal | 'too_many_requests_in_flight'

export interface ForwardHandlerOptions {
  readonly pool: UpstreamPool
  readonly forward: ForwardRequest
  readonly head: string
  readonly body: RequestBody | undefined
  readonly isLast: boolean
  readonly answerMilliseconds: number
  /** Bytes of responses that are held whole, of all forwards together. */
  readonly held: { bytes: number }
}

const RETRIABLE = new Set(['GET', 'HEAD'])

export class ForwardHandler implements UpstreamExchange {
  readonly method: string
  readonly head: string
  readonly body: RequestBody | undefined
  readonly isLast: boolean
  readonly isRetriable: boolean
  readonly #options: ForwardHandlerOptions
  #timer: NodeJS.Timeout | undefined
  #carrier: Carrier | undefined
  #retried = false
  #over = false
  /** The head has been given to Node, which sends it with the first piece of the body. */
  #isHeadUnsent = false
  /** The response so far, if it has to be transformed. */
  #held: Buffer[] | undefined
  #heldBytes = 0
  #response: ResponseHead | undefined

  constructor(options: ForwardHandlerOptions) {
    this.#options = options
    this.method = options.forward.method
    this.head = options.head
    this.body = options.body
    this.isLast = options.isLast
    this.isRetriable = options.body === undefined && RETRIABLE.has(this.method)
  }

  start(): void {
    this.#options.forward.response.once('close', this.abandon)
    // The upstream's time begins when it has the whole request; an upload has limits of its own.
    if (this.body === undefined) this.#startTimer()
    this.#options.pool.dispatch(this)
  }

  onConnection(carrier: Carrier): void {
    this.#carrier = carrier
  }

  onSent(): void {
    this.#startTimer()
  }

  onHead(head: ResponseHead): void {
    clearTimeout(this.#timer)
    this.#response = head
    const { request, response, obligations } = this.#options.forward
    // The response overtook the request: the rest of the upload is read and dropped, and the connection ends.
    if (!request.complete) response.shouldKeepAlive = false
    if (obligations.length > 0) this.#beginHolding(head)
    else this.#writeHead(head, { isRewritten: false })
  }

  onData(data: Buffer): boolean {
    if (this.#over) return true
    if (this.#held !== undefined) {
      this.#hold(data)
      return true
    }
    const { response } = this.#options.forward
    this.#isHeadUnsent = false
    if (response.write(data)) return true
    response.once('drain', this.#onDrain)
    return false
  }

  onPause(): void {
    if (!this.#isHeadUnsent || this.#over) return
    this.#isHeadUnsent = false
    this.#options.forward.response.flushHeaders()
  }

  onEnd(data: Buffer | undefined): void {
    if (this.#over) return
    if (this.#held !== undefined) {
      if (data !== undefined) this.#hold(data)
      if (this.#held !== undefined) this.#endHeld(Buffer.concat(this.#held))
      return
    }
    this.#over = true
    this.#options.forward.response.end(data)
  }

  onFault(fault: UpstreamFault, { isUntouched }: { readonly isUntouched: boolean }): void {
    if (this.#over) return
    this.#carrier = undefined
    if (isUntouched && fault === 'upstream_unreachable' && this.isRetriable && !this.#retried) {
      this.#retried = true
      this.#options.pool.dispatch(this, 'fresh')
      return
    }
    const { request } = this.#options.forward
    this.#fail(request.destroyed && !request.complete ? 'request_broken' : fault)
  }

  readonly #onDrain = (): void => {
    if (!this.#over) this.#carrier?.resume()
  }

  /** A head that cannot be written is the upstream's fault. */
  #writeHead(head: ResponseHead, { isRewritten, bodyBytes }: { readonly isRewritten: boolean; readonly bodyBytes?: number }): void {
    const { response, addedHeaders, answerRules: rules } = this.#options.forward
    try {
      const headers = buildClientHeaders({ raw: head.headers, added: addedHeaders, isRewritten, rules })
      if (bodyBytes !== undefined) headers.push('content-length', String(bodyBytes))
      // RFC 9110 section 6.6.1: a response without a date gets one on its way.
      response.sendDate = !hasField(head.headers, 'date')
      // RFC 9110 section 8.6: never a length with 204.
      response.writeHead(head.status, head.phrase, head.status === 204 ? withoutField(headers, 'content-length') : headers)
      this.#isHeadUnsent = true
    } catch {
      this.#fail('upstream_malformed')
    }
  }

  #beginHolding(head: ResponseHead): void {
    if (head.framing.kind === 'none') {
      this.#writeHead(head, { isRewritten: true })
      return
    }
    const kind = kindOfAnswer(head.headers, head.status)
    if (kind === 'empty') this.#writeHead(head, { isRewritten: true, bodyBytes: 0 })
    else if (kind === 'other' && letsOthersPass(this.#options.forward.obligations)) this.#writeHead(head, { isRewritten: false })
    else if (kind === 'json') this.#held = []
    else this.#fail('cannot_hide')
  }

  #hold(data: Buffer): void {
    this.#heldBytes += data.length
    this.#options.held.bytes += data.length
    if (this.#heldBytes > TRANSFORM_MAX_BYTES) this.#fail('cannot_hide')
    else if (this.#options.held.bytes > TRANSFORMS_HELD_MAX_BYTES) this.#fail('too_many_requests_in_flight')
    else this.#held?.push(data)
  }

  #endHeld(body: Buffer): void {
    const { response, obligations, now } = this.#options.forward
    this.#release()
    const shown = transformAnswer(body, { obligations, now })
    if (!shown.ok) {
      this.#fail(shown.error)
      return
    }
    if (this.#response !== undefined) this.#writeHead(this.#response, { isRewritten: true, bodyBytes: shown.value.length })
    if (this.#over) return
    this.#over = true
    response.end(shown.value)
  }

  /** Ends both sides. If no response was begun, the caller still gets one; otherwise its connection is cut, since anything else would look complete. */
  #fail(fault: ForwardFault): void {
    if (this.#over) return
    const { response, onFault } = this.#options.forward
    const hasBegun = response.headersSent
    this.#giveUp()
    response.off('close', this.abandon)
    onFault(fault)
    if (hasBegun) cutResponse(response)
  }

  #giveUp(): void {
    this.#over = true
    this.#release()
    clearTimeout(this.#timer)
    this.#options.pool.cancel(this)
    this.#carrier?.abandon()
  }

  #release(): void {
    this.#options.held.bytes -= this.#heldBytes
    this.#heldBytes = 0
    this.#held = undefined
  }

  #startTimer(): void {
    if (!this.#over && this.#response === undefined) this.#timer = setTimeout(this.#onAnswerTimeout, this.#options.answerMilliseconds)
  }

  readonly #onAnswerTimeout = (): void => this.#fail('upstream_timeout')

  readonly abandon = (): void => {
    if (!this.#over) this.#giveUp()
    else clearTimeout(this.#timer)
  }
}
