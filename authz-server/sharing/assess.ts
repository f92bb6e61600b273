// What an owner's rules say to a wish for access, before there is a request to judge. Uses the artifact that sidecars use (decision 0013).
import type { Decision } from '../../policies/contract/decision.ts'
import type { DecisionInput } from '../../policies/contract/decision-input.ts'
import type { Reason, ReasonCode } from '../../policies/contract/reasons.ts'
import { UNKNOWN_INPUT } from '../../policies/contract/unknown-input.ts'
import type { RuleSet, Share } from '../../policies/model/rule-set.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Person } from '../store/people-repository.ts'
import type { Resource } from '../store/resources-repository.ts'

export interface Wish {
  readonly requester: Person
  readonly clientId: string
  readonly resource: Resource
  readonly scope: string
}

export type Assessment =
  | { readonly kind: 'granted' }
  /** The owner wants to be asked; `share` is the rule that says so. */
  | { readonly kind: 'ask'; readonly share: Share; readonly reasons: readonly Reason[] }
  | { readonly kind: 'denied' }

/**
 * Conditions of the moment: whether they hold is seen at each request, at the sidecar. A share that misses only these is a standing
 * permission; refusing it for good because it is evening now would be wrong.
 */
const MOMENTARY: readonly ReasonCode[] = [
  'not_these_days',
  'not_these_hours',
  'not_from_this_network',
  'not_at_this_place',
  'not_for_this_purpose',
  'proof_too_weak',
  'not_in_this_state',
  'not_with_these_attributes',
]
/** Nothing is known of these before there is a request. */
const UNKNOWN_YET: ReadonlySet<ReasonCode> = new Set(MOMENTARY.filter((code) => code !== 'not_these_days' && code !== 'not_these_hours'))

export async function assess(context: Context, wish: Wish, now: EpochSeconds): Promise<Assessment> {
  const { resource, requester } = wish
  if (resource.owner === requester.id) return { kind: 'granted' }
  const policy = await context.store.read.policies.find(resource.owner)
  if (policy === undefined) return { kind: 'denied' }
  const rules = context.policyEngine.read(policy.text)
  if (!rules.ok) throw new Error(`the saved rules of ${resource.owner} cannot be read: ${rules.error[0]?.message ?? ''}`)
  const load = () => context.store.read.artifacts.find(policy.artifact)
  const decision = await context.policyEngine.decide({ digest: policy.artifact, load }, buildInput(context, wish, now))
  const assessment = readDecision(decision, rules.value)
  // An answer becomes a share that names this address, and such shares count for verified addresses alone.
  return assessment.kind === 'ask' && !requester.emailVerified ? { kind: 'denied' } : assessment
}

function buildInput(context: Context, { requester, clientId, resource, scope }: Wish, now: EpochSeconds): DecisionInput {
  const { id, key, type, tags, owner, deviceId } = resource
  return {
    ...UNKNOWN_INPUT,
    now: new Date(now * 1000).toISOString(),
    resource: { ...UNKNOWN_INPUT.resource, id, key, type, tags, owner, device_id: deviceId },
    scope,
    party: {
      ...UNKNOWN_INPUT.party,
      sub: requester.id,
      issuer: context.config.issuer,
      client_id: clientId,
      email: requester.email,
      email_verified: requester.emailVerified,
    },
  }
}

function readDecision(decision: Decision, rules: RuleSet): Assessment {
  if (decision.effect === 'allow') return { kind: 'granted' }
  const { reasons } = decision
  if (reasons.some((reason) => reason.code === 'blocked' || reason.code === 'paused')) return { kind: 'denied' }
  const nearShares = findNearShares(reasons, rules)
  if (decision.effect === 'ask') {
    // What only a request can tell is unknown here, so a share that waits for nothing else is not yet out of the question.
    if (nearShares.some(({ share, missed }) => !share.ask && missed.every((code) => UNKNOWN_YET.has(code)))) return { kind: 'granted' }
    const share = rules.shares.find((one) => one.ask && reasons.some((reason) => reason.code === 'share_asks_owner' && reason.line === one.line))
    if (share === undefined) throw new Error('the rules say "ask", but no share of theirs does')
    return { kind: 'ask', share, reasons }
  }
  if (nearShares.some(({ share }) => !share.ask)) return { kind: 'granted' }
  const [asking] = nearShares
  return asking === undefined ? { kind: 'denied' } : { kind: 'ask', share: asking.share, reasons }
}

interface NearShare {
  readonly share: Share
  readonly missed: readonly ReasonCode[]
}

/** Shares that fit in who, what and may, and miss conditions of the moment alone. */
function findNearShares(reasons: readonly Reason[], rules: RuleSet): readonly NearShare[] {
  return rules.shares.flatMap((share) => {
    const missed = reasons.filter((reason) => reason.line === share.line && reason.code !== 'share_asks_owner').map((reason) => reason.code)
    return missed.length > 0 && missed.every((code) => MOMENTARY.includes(code)) ? [{ share, missed }] : []
  })
}
