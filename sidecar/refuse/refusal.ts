// Every way in which the sidecar says no, as data. Turned into an answer by `answer-for.ts` alone.
import type { Decision } from '../../policies/contract/decision.ts'
import type { ClaimsRefusal } from '../../protocol/claims.ts'
import type { TicketRequest } from '../../protocol/uma/messages.ts'
import type { AccessTokenRefusal } from '../../protocol/verify-access-token.ts'
import type { HeadRefusal } from '../http/request-head.ts'
import type { TransformRefusal } from '../obligations/transform-answer.ts'
import type { LimitRefusal } from '../obligations/use-limits.ts'
import type { ProofCheckRefusal } from '../proofs/check-proof.ts'
import type { RouteRefusal } from '../resources/route-table.ts'
import type { TokenStateRefusal } from '../tokens/check-token-state.ts'
import type { CredentialsRefusal } from '../tokens/read-credentials.ts'

export type RefusalReason =
  | HeadRefusal
  | RouteRefusal['reason']
  | CredentialsRefusal
  | AccessTokenRefusal['reason']
  | ClaimsRefusal['reason']
  | TokenStateRefusal
  | ProofCheckRefusal
  | 'malformed_request'
  | 'head_too_large'
  | 'request_timeout'
  | 'expectation_unknown'
  | 'condition_refused'
  | 'connect_refused'
  | 'upgrade_refused'
  | 'upgrade_not_supported'
  | 'preflight_refused'
  | 'unknown_resource'
  | 'insufficient_scope'
  | 'permission_needed'
  | 'approval_needed'
  | 'guardrail_denied'
  | 'guardrail_fault'
  | 'policy_denied'
  | 'policy_fault'
  | 'policy_unavailable'
  | 'rules_changed'
  | 'obligation_unknown'
  | TransformRefusal
  | LimitRefusal['reason']
  | 'not_ready'
  | 'too_many_requests_in_flight'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_malformed'
  | 'server_stopping'
  | 'internal_fault'

export interface Refusal {
  readonly reason: RefusalReason
  /** What a ticket would be for, where the caller may ask for access (UMA 2.0 Grant section 3.2.1). */
  readonly permission?: TicketRequest
  readonly decision?: Decision
  /** Digest of the owner's policy that was asked, or could not be. */
  readonly policy?: string | null
  readonly retryAfterSeconds?: number
  /** Methods of this path, for 405. */
  readonly allow?: readonly string[]
}
