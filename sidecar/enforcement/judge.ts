// The one place where revocation, the device's state, the operator's guardrails and the owner's policy are asked: for the first check, for a counted
// use, and for what is already under way. It waits for what it needs and then judges in one turn, so that a verdict is never of two states.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { TicketRequest } from '../../protocol/uma/messages.ts'
import type { FeedState } from '../feed/feed-state.ts'
import type { PolicyStore } from '../feed/policy-store.ts'
import type { Guardrails } from '../guardrails/guardrails.ts'
import { JUDGE_ROUNDS_MAX } from '../limits.ts'
import type { LoadedPolicy } from '../ports.ts'
import type { Refusal } from '../refuse/refusal.ts'
import type { Route } from '../resources/route-table.ts'
import { checkTokenState } from '../tokens/check-token-state.ts'
import { buildDecisionInput } from './build-decision-input.ts'
import { askOwner, type Question } from './owner-policy.ts'
import { type Access, decisionOf, type Facts, type Permit } from './verdict.ts'

export interface JudgeSources {
  readonly issuer: string
  /** The feed's state if it is fresh enough to decide by. */
  readonly stateAt: (now: EpochSeconds) => FeedState | undefined
  readonly guardrails: Guardrails
  readonly policies: PolicyStore
}

export interface JudgeOptions {
  readonly now: EpochSeconds
  /** The answer is being sent already, so nobody waits for the verdict. */
  readonly isUnderWay: boolean
}

/** What had to be asked or loaded for this verdict, so far. */
interface Known {
  /** The guardrails have let this pass: the resource and the state of its device as they were then. */
  guarded?: Pick<Question, 'resource' | 'deviceState'>
  loaded?: { readonly digest: string; readonly policy: LoadedPolicy }
}

/** What is missing for a verdict. */
type Need = { readonly guardrails: Question } | { readonly policy: string }

/** `facts` of a first check, or the permit that was given then: the resource must still be the same one. */
export async function judge(facts: Facts | Permit, sources: JudgeSources, options: JudgeOptions): Promise<Result<Permit, Refusal>> {
  const known: Known = {}
  for (let round = 0; round < JUDGE_ROUNDS_MAX; round += 1) {
    const verdict = judgeInOneTurn(facts, { ...sources, known, now: options.now })
    if ('ok' in verdict) return verdict
    const refusal = await meet(verdict, known, { ...sources, ...options })
    if (refusal !== undefined) return err(refusal)
  }
  return err({ reason: 'not_ready' })
}

/** Pure: one state, one instant. */
function judgeInOneTurn(
  facts: Facts | Permit,
  { known, now, ...sources }: JudgeSources & { readonly known: Known; readonly now: EpochSeconds },
): Result<Permit, Refusal> | Need {
  const state = sources.stateAt(now)
  if (state === undefined) return err({ reason: 'not_ready' })
  const alive = checkTokenState(facts.claims, state, now)
  if (!alive.ok) return err({ reason: alive.error })
  const question = buildQuestion(facts, state, sources.issuer)
  if (question === undefined) return err(unknownResource(facts))
  // The guardrails can only deny, owners too. They are asked once for each version of what they are asked about.
  if (known.guarded?.resource !== question.resource || known.guarded.deviceState !== question.deviceState) return { guardrails: question }
  const findPolicy = (digest: string) => (digest === known.loaded?.digest ? known.loaded.policy : sources.policies.get(digest))
  const access = askOwner(question, { state, findPolicy }, now)
  if ('needs' in access) return { policy: access.needs }
  return access.ok ? permit(facts, question, access.value) : access
}

async function meet(need: Need, known: Known, { guardrails, policies, now, isUnderWay }: JudgeSources & JudgeOptions): Promise<Refusal | undefined> {
  if ('guardrails' in need) {
    const isClientAuthenticated = need.guardrails.claims.client_authenticated === true
    const guard = await guardrails.check({ input: buildDecisionInput(need.guardrails, now), isClientAuthenticated, isUnderWay })
    if (!guard.ok) return guard.error
    known.guarded = need.guardrails
    return undefined
  }
  const policy = await policies.loadSoon(need.policy).catch(() => undefined)
  if (policy === undefined) return { reason: 'policy_unavailable', policy: need.policy }
  known.loaded = { digest: need.policy, policy }
  return undefined
}

function unknownResource({ route }: Facts): Refusal {
  return { reason: 'unknown_resource', permission: ticketForNothing(route) }
}

export function ticketForNothing({ scope }: Pick<Route, 'scope'>): TicketRequest {
  return { resource_id: null, resource_scopes: [scope] }
}

function buildQuestion(facts: Facts | Permit, state: FeedState, issuer: string): Question | undefined {
  const resource = state.resourcesByKey.get(facts.resourceKey)
  if (resource === undefined || ('resource' in facts && facts.resource.id !== resource.id)) return undefined
  const deviceState = resource.device_id === null ? null : (state.devices.get(resource.device_id)?.status ?? null)
  return { ...facts, resource, deviceState, issuer }
}

function permit(before: Facts | Permit, { claims, route, resourceKey, purpose, proofMethod, ip, resource }: Question, access: Access): Result<Permit, Refusal> {
  // What began with nothing hidden, or uncounted, cannot be changed halfway.
  if ('access' in before && !hasSamePlan(before.access, access)) return err({ reason: 'rules_changed', ...decisionOf(access) })
  return ok({ claims, route, resourceKey, purpose, proofMethod, ip, resource, access })
}

function hasSamePlan(a: Access, b: Access): boolean {
  return a.obligations === b.obligations || JSON.stringify(a.obligations) === JSON.stringify(b.obligations)
}
