// What the connections to the upstream know of an exchange: the request that they send, and who is told about the response.
import type { RequestBody } from './request-body.ts'
import type { ResponseHead } from './response-head.ts'

export type UpstreamFault = 'upstream_unreachable' | 'upstream_timeout' | 'upstream_malformed' | 'request_broken' | 'internal_fault'

/** The connection that carries an exchange. */
export interface Carrier {
  resume(): void
  abandon(): void
}

export interface UpstreamExchange {
  readonly method: string
  /** The whole request head in Latin-1, with its empty line. */
  readonly head: string
  readonly body: RequestBody | undefined
  /** The connection ends with this exchange. */
  readonly isLast: boolean
  /** May be sent to a connection that the upstream might just have closed: it is sent again then. */
  readonly isRetriable: boolean
  onConnection(carrier: Carrier): void
  /** The whole body has been sent. Not called without a body. */
  onSent(): void
  onHead(head: ResponseHead): void
  /** False: read no more until `resume`. */
  onData(data: Buffer): boolean
  /** Nothing more has come with the head. */
  onPause(): void
  /** The response is complete; `data`: its last piece. */
  onEnd(data: Buffer | undefined): void
  /** `isUntouched`: the connection had been used before and gave no byte of a response to this request. */
  onFault(fault: UpstreamFault, circumstances: { readonly isUntouched: boolean }): void
}
