// What enforcement answers: a permit with everything that has to be carried out, or a refusal with its reason. Both say what was found out on the way.
import type { Decision } from '../../policies/contract/decision.ts'
import type { ProofMethod } from '../../policies/contract/decision-input.ts'
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import type { ResourceEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { ObligationPlan } from '../obligations/answer-plan.ts'
import type { Refusal } from '../refuse/refusal.ts'
import type { Route } from '../resources/route-table.ts'

/** What is known of an attempt once its credentials are verified. It does not change while the attempt lasts. */
export interface Facts {
  readonly claims: AccessTokenClaims
  readonly route: Route
  readonly resourceKey: string
  readonly purpose: string | null
  readonly proofMethod: ProofMethod
  /** The caller's address in its canonical form; empty if it is unknown. */
  readonly ip: string
}

/** Who allowed it, and what has to be carried out. */
export interface Access {
  /** Digest of the owner's policy; null if it was not asked. */
  readonly policy: string | null
  readonly obligations: ObligationPlan
  readonly decision?: Decision
  /** Passes only because the owner allowed this one request. */
  readonly once?: OnceApproval
}

export interface OnceApproval {
  readonly id: string
  readonly expiresAt: EpochSeconds
}

export interface Permit extends Facts {
  readonly resource: ResourceEntry
  readonly access: Access
}

/** What the owner's policy said, for a refusal that comes after it. */
export function decisionOf({ policy, decision }: Access): Pick<Refusal, 'policy' | 'decision'> {
  return decision === undefined ? { policy } : { policy, decision }
}

/** What was found out before the verdict, for the audit line. */
export interface Findings {
  route?: string
  scope?: string
  resource?: string
  claims?: AccessTokenClaims
}

export type Verdict =
  | { readonly effect: 'permit'; readonly permit: Permit; readonly findings: Findings }
  | { readonly effect: 'deny'; readonly refusal: Refusal; readonly findings: Findings }
