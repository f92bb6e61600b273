// What a decision about somebody who has not made a request yet means: granted, to be asked, or denied (decision 0013).
import type { Decision } from '../../../policies/contract/decision.ts'
import type { Reason, ReasonCode } from '../../../policies/contract/reasons.ts'
import type { RuleSet, Share } from '../../../policies/model/rule-set.ts'

export type Judgement =
  | { readonly kind: 'granted' }
  /** The owner wants to be asked; `share` is the rule that says so. */
  | { readonly kind: 'ask'; readonly share: Share; readonly reasons: readonly Reason[]; readonly eachTime: boolean }
  | { readonly kind: 'denied' }

/**
 * Conditions of the moment: whether they hold is decided at each request, at the sidecar. A share that misses only these may still
 * allow later requests; refusing it for good because it is evening now would be wrong.
 */
const MOMENTARY: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'not_these_days',
  'not_these_dates',
  'not_these_hours',
  'not_from_this_network',
  'not_at_this_place',
  'not_for_this_purpose',
  'proof_too_weak',
  'not_in_this_state',
  'not_with_these_attributes',
])
/** The clock is known without a request; of the others nothing is known yet. */
const OF_THE_CLOCK: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['not_these_days', 'not_these_dates', 'not_these_hours'])
const UNKNOWN_YET: ReadonlySet<ReasonCode> = new Set([...MOMENTARY].filter((code) => !OF_THE_CLOCK.has(code)))

export function judge(decision: Decision, rules: RuleSet): Judgement {
  if (decision.effect === 'allow') return { kind: 'granted' }
  const { reasons } = decision
  if (reasons.some((reason) => reason.code === 'blocked' || reason.code === 'paused')) return { kind: 'denied' }
  const nearShares = findNearShares(reasons, rules)
  if (decision.effect === 'ask') {
    // A share that misses only what a request will tell is not out of the question yet.
    if (nearShares.some(({ share, missed }) => !share.ask && missed.every((code) => UNKNOWN_YET.has(code)))) return { kind: 'granted' }
    const asking = new Set(reasons.flatMap(({ code, line }) => (code === 'share_asks_owner' && line !== undefined ? [line] : [])))
    const share = rules.shares.find((one) => one.ask && asking.has(one.line))
    if (share === undefined) throw new Error('the rules say "ask", but none of their shares does')
    return { kind: 'ask', share, reasons, eachTime: decision.ask === 'each_time' }
  }
  if (nearShares.some(({ share }) => !share.ask)) return { kind: 'granted' }
  const [asking] = nearShares
  return asking === undefined
    ? { kind: 'denied' }
    : { kind: 'ask', share: asking.share, reasons, eachTime: nearShares.some(({ share }) => share.ask === 'each_time') }
}

interface NearShare {
  readonly share: Share
  readonly missed: readonly ReasonCode[]
}

/** Shares that fit in who, what and may, and miss conditions of the moment alone. */
function findNearShares(reasons: readonly Reason[], rules: RuleSet): readonly NearShare[] {
  const missedByLine = new Map<number, ReasonCode[]>()
  for (const { code, line } of reasons) {
    if (line === undefined || code === 'share_asks_owner') continue
    const missed = missedByLine.get(line)
    if (missed === undefined) missedByLine.set(line, [code])
    else missed.push(code)
  }
  return rules.shares.flatMap((share) => {
    const missed = missedByLine.get(share.line) ?? []
    return missed.length > 0 && missed.every((code) => MOMENTARY.has(code)) ? [{ share, missed }] : []
  })
}
