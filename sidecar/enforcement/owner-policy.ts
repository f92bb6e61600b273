// What the owner's policy says, from one state and one loaded policy: pure, for one instant. Owners and their devices pass within their token.
import type { Decision } from '../../policies/contract/decision.ts'
import { UNKNOWN_INPUT } from '../../policies/contract/unknown-input.ts'
import type { ResourceEntry } from '../../protocol/feed/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { FeedState } from '../feed/feed-state.ts'
import { NO_OBLIGATIONS, planObligations } from '../obligations/answer-plan.ts'
import type { LoadedPolicy } from '../ports.ts'
import type { Refusal } from '../refuse/refusal.ts'
import { buildDecisionInput } from './build-decision-input.ts'
import type { Access, Facts, OnceApproval } from './verdict.ts'

/** Facts with what the feed says of the resource. */
export interface Question extends Facts {
  readonly resource: ResourceEntry
  /** State of the device behind the resource, as the feed says. */
  readonly deviceState: string | null
  readonly issuer: string
}

export type AccessResult = Result<Access, Refusal>

/** A policy that has to be loaded before the question can be answered. */
export interface PolicyNeeded {
  readonly needs: string
}

export interface PolicySources {
  readonly state: FeedState
  /** A policy that is in memory, by its digest. */
  readonly findPolicy: (digest: string) => LoadedPolicy | undefined
}

const OWN_ACCESS: AccessResult = ok({ policy: null, obligations: NO_OBLIGATIONS })
/** An owner without a policy shares nothing. */
const NOTHING_SHARED: Decision = { effect: 'deny', reasons: [{ code: 'no_share_for_this' }], obligations: [] }

export function askOwner(question: Question, { state, findPolicy }: PolicySources, now: EpochSeconds): AccessResult | PolicyNeeded {
  const { claims, resource, route } = question
  if (claims.permissions === undefined) {
    if (resource.owner !== claims.sub) return err(needsPermission('permission_needed', question))
    return claims.scope.includes(route.scope) ? OWN_ACCESS : err({ reason: 'insufficient_scope' })
  }
  if (!hasPermission(question, now)) return err(needsPermission('permission_needed', question))
  if (resource.owner === claims.sub) return OWN_ACCESS
  const artifact = state.owners.get(resource.owner)?.artifact ?? null
  if (artifact === null) return err({ reason: 'policy_denied', decision: NOTHING_SHARED })
  const policy = findPolicy(artifact)
  return policy === undefined ? { needs: artifact } : askPolicy(policy, { question, artifact }, now)
}

function hasPermission({ claims, resource, route }: Question, now: EpochSeconds): boolean {
  for (const permission of claims.permissions ?? []) {
    if (permission.resource_id !== resource.id || !permission.resource_scopes.includes(route.scope)) continue
    if (permission.exp === undefined || permission.exp > now) return true
  }
  return false
}

/** The owner's yes to one request. Whether it was used already is looked at when the use is counted. */
function findApproval({ claims, resource, route }: Question, now: EpochSeconds): OnceApproval | undefined {
  for (const { resource_id: id, resource_scopes: scopes, exp, once } of claims.permissions ?? []) {
    if (once !== undefined && exp !== undefined && exp > now && id === resource.id && scopes.includes(route.scope)) return { id: once, expiresAt: exp }
  }
  return undefined
}

interface Asked {
  readonly question: Question
  readonly artifact: string
}

function askPolicy(policy: LoadedPolicy, { question, artifact }: Asked, now: EpochSeconds): AccessResult {
  let decision: Decision
  try {
    decision = evaluate(policy, question, now)
  } catch {
    // Anything that is not a decision is a no (docs/decisions/0006).
    return err({ reason: 'policy_fault', policy: artifact })
  }
  switch (decision.effect) {
    case 'allow':
      return carryOut(decision, artifact)
    case 'ask': {
      const once = findApproval(question, now)
      if (once !== undefined) return carryOut(decision, artifact, once)
      return err({ ...needsPermission('approval_needed', question), decision, policy: artifact })
    }
    case 'deny':
      return err({ reason: 'policy_denied', decision, policy: artifact })
    default:
      return err({ reason: 'policy_fault', policy: artifact })
  }
}

/** The name of a public client may be claimed by anybody: it can block, but it opens nothing. */
function evaluate(policy: LoadedPolicy, question: Question, now: EpochSeconds): Decision {
  const input = buildDecisionInput(question, now)
  const decision = policy.evaluate(input)
  if (decision.effect === 'deny' || question.claims.client_authenticated === true) return decision
  return policy.evaluate({ ...input, party: { ...input.party, client_id: UNKNOWN_INPUT.party.client_id } })
}

/** An obligation that we do not know is one that we cannot carry out. */
function carryOut(decision: Decision, policy: string, once?: OnceApproval): AccessResult {
  const plan = planObligations(decision.obligations)
  return plan.ok ? ok({ policy, obligations: plan.value, decision, ...(once === undefined ? {} : { once }) }) : err({ reason: plan.error, decision, policy })
}

export function needsPermission(reason: 'permission_needed' | 'approval_needed', { resource, route }: Pick<Question, 'resource' | 'route'>): Refusal {
  return { reason, permission: { resource_id: resource.id, resource_scopes: [route.scope] } }
}
