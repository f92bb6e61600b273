// One request with its response and what is known about it, and the parts that carry it out. Holds state; decides nothing.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochSeconds } from '../protocol/time.ts'
import type { Peers } from '../system/http/peers.ts'
import type { AuditLog, RequestRecord } from './audit/audit-log.ts'
import type { EnforcementParts } from './enforcement/enforce.ts'
import type { Cors } from './http/cors.ts'
import type { RequestKind } from './http/create-listener.ts'
import type { RequestHead } from './http/request-head.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { AnswerRules } from './proxy/answer-rules.ts'
import type { Forwarder } from './proxy/forwarder.ts'
import type { OpenForwards } from './proxy/open-forwards.ts'
import type { RequestRules } from './proxy/upstream-headers.ts'
import type { TicketSource } from './uma/ticket-source.ts'

export interface RequestParts {
  readonly enforcement: EnforcementParts
  readonly hosts: ReadonlySet<string>
  readonly peers: Peers
  readonly publicHost: string
  readonly protocol: 'http' | 'https'
  readonly requestMilliseconds: number
  readonly clock: () => EpochSeconds
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
  readonly mintNonce: () => string
  readonly newRequestId: () => string
  readonly cors: Cors
  readonly tickets: TicketSource
  readonly forwarder: Forwarder
  /** What the operator has configured for fields of requests and of responses. */
  readonly requestRules: RequestRules
  readonly answerRules: AnswerRules
  readonly openForwards: OpenForwards
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly isStopping: () => boolean
  readonly notice: (text: string) => void
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly kind: RequestKind
  readonly record: RequestRecord
  readonly now: EpochSeconds
  head?: RequestHead
  /** Releases what the forward holds. */
  release?: () => void
  /** Its audit line has been written: nothing more is sent or forwarded. */
  isOver: boolean
}

export function isGone({ isOver, response }: Exchange): boolean {
  return isOver || response.destroyed
}

/** The sidecar's own fields of a response, a flat list. */
export function ownFields({ record }: Exchange, head: RequestHead, parts: RequestParts): string[] {
  return ['dpop-nonce', parts.mintNonce(), 'x-request-id', record.requestId, ...parts.cors.headersFor(head)]
}
