// Who may: the owner and the owner's devices within their token, everybody else by a permission and by the owner's policy. Answers for one instant.
import type { Decision } from '../../policies/contract/decision.ts'
import type { ProofMethod } from '../../policies/contract/decision-input.ts'
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import type { ResourceEntry } from '../../protocol/feed/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { FeedState } from '../feed/feed-state.ts'
import type { PolicyStore } from '../feed/policy-store.ts'
import { NO_OBLIGATIONS, type ObligationPlan, planObligations } from '../obligations/answer-plan.ts'
import type { LoadedPolicy } from '../ports.ts'
import type { Refusal } from '../refuse/refusal.ts'
import type { Route } from '../resources/route-table.ts'
import { buildDecisionInput } from './build-decision-input.ts'

export interface Question {
  readonly claims: AccessTokenClaims
  readonly route: Route
  readonly resource: ResourceEntry
  readonly ip: string
  readonly issuer: string
  /** What the caller says the data are for; null: nothing. */
  readonly purpose: string | null
  readonly proofMethod: ProofMethod
  /** Of the device behind the resource, as the feed says. */
  readonly deviceState: string | null
}

export interface Access {
  /** Null where the owner's policy was not asked. */
  readonly policy: string | null
  readonly obligations: ObligationPlan
  readonly decision?: Decision
}

/** One state for a whole decision, and the policies it names. */
export interface DecisionSources {
  readonly state: FeedState
  readonly policies: PolicyStore
}

interface Loaded {
  readonly policy: LoadedPolicy
  readonly artifact: string
}

export type AccessResult = Result<Access, Refusal>

const OWN_ACCESS: AccessResult = ok({ policy: null, obligations: NO_OBLIGATIONS })
/** An owner without a policy shares nothing. */
const NOTHING_SHARED: Decision = { effect: 'deny', reasons: [{ code: 'no_share_for_this' }], obligations: [] }

/** A promise only where the policy is not in memory yet. */
export function decide(question: Question, { state, policies }: DecisionSources, now: EpochSeconds): AccessResult | Promise<AccessResult> {
  const { claims, resource, route } = question
  if (claims.permissions === undefined) {
    if (resource.owner !== claims.sub) return err(needsPermission('permission_needed', question))
    return claims.scope.includes(route.scope) ? OWN_ACCESS : err({ reason: 'insufficient_scope' })
  }
  if (!hasPermission(question, now)) return err(needsPermission('permission_needed', question))
  if (resource.owner === claims.sub) return OWN_ACCESS
  const artifact = state.owners.get(resource.owner)?.artifact ?? null
  if (artifact === null) return err({ reason: 'policy_denied', decision: NOTHING_SHARED })
  const policy = policies.get(artifact)
  if (policy !== undefined) return askPolicy({ policy, artifact }, question, now)
  return policies.loadSoon(artifact).then(
    (loaded) => askPolicy({ policy: loaded, artifact }, question, now),
    () => err({ reason: 'policy_unavailable' }),
  )
}

function hasPermission({ claims, resource, route }: Question, now: EpochSeconds): boolean {
  for (const permission of claims.permissions ?? []) {
    if (permission.resource_id !== resource.id || !permission.resource_scopes.includes(route.scope)) continue
    if (permission.exp === undefined || permission.exp > now) return true
  }
  return false
}

function askPolicy({ policy, artifact }: Loaded, question: Question, now: EpochSeconds): AccessResult {
  let decision: Decision
  try {
    decision = policy.evaluate(buildDecisionInput(question, now))
  } catch {
    // Whatever is not a decision is a no (docs/decisions/0006).
    return err({ reason: 'policy_fault' })
  }
  switch (decision.effect) {
    case 'allow':
      return carryOut(decision, artifact)
    case 'ask':
      return err({ ...needsPermission('approval_needed', question), decision })
    case 'deny':
      return err({ reason: 'policy_denied', decision })
    default:
      return err({ reason: 'policy_fault' })
  }
}

/** An obligation that we do not know is one we cannot keep. */
function carryOut(decision: Decision, policy: string): AccessResult {
  const plan = planObligations(decision.obligations)
  return plan.ok ? ok({ policy, obligations: plan.value, decision }) : err({ reason: plan.error, decision })
}

function needsPermission(reason: 'permission_needed' | 'approval_needed', { resource, route }: Question): Refusal {
  return { reason, permission: { resource_id: resource.id, resource_scopes: [route.scope] } }
}
