// Reasons in plain words, for the owner. What a requester may read is in contract/requester-sentence.ts. It decides nothing.
import { CONDITION_KINDS, kindOf } from '../conditions/registry.ts'
import type { Reason, ReasonCode } from '../contract/reasons.ts'
import { findShare } from '../model/find-share.ts'
import type { RuleSet } from '../model/rule-set.ts'

const OWNER_WORDS: Readonly<Record<ReasonCode, string>> = {
  share_allows: 'A share allows it',
  share_asks_owner: 'A share lets the owner decide',
  blocked: 'This person is blocked',
  paused: 'This is paused',
  guardrail: 'The operator of this service does not allow it',
  no_guardrail: 'The operator of this service does not deny it',
  no_share_for_this: 'No share gives this person this ability on this thing',
  not_these_days: 'A share matches, but not on this day',
  not_these_dates: 'A share matches, but not on this date',
  not_these_hours: 'A share matches, but not at this time of day',
  not_yet: 'A share matches, but has not started',
  expired: 'A share matched, but has ended',
  not_at_this_place: 'A share matches, but not from this place',
  not_for_this_purpose: 'A share matches, but not for this purpose',
  not_with_this_app: 'A share matches, but not with this app',
  proof_too_weak: 'A share matches, but requires another proof',
  sign_in_too_weak: 'A share matches, but requires a stronger sign-in',
  not_in_this_state: 'A share matches, but not in this state of the device',
  not_with_these_attributes: 'A share matches, but not with the known attributes of the thing',
  not_from_this_network: 'A share matches, but not from this network',
}

/** For the owner. With the rule set, the share's own condition is told: "… Allowed from 08:00 to 22:00 (Europe/Paris)." */
export function ownerSentence(reason: Reason, ruleSet?: RuleSet): string {
  const where = reason.rule === undefined ? '' : `: "${reason.rule}"`
  const line = reason.line === undefined ? '' : ` (line ${reason.line})`
  const condition = ruleSet === undefined ? undefined : conditionOf(reason, ruleSet)
  return `${OWNER_WORDS[reason.code]}${where}${line}.${condition === undefined ? '' : ` Allowed ${condition}.`}`
}

function conditionOf(reason: Reason, ruleSet: RuleSet): string | undefined {
  if (!CONDITION_KINDS.some((kind) => kind.reason === reason.code)) return undefined
  const conditions = findShare(ruleSet, reason)?.conditions.filter((one) => kindOf(one).reason === reason.code) ?? []
  return conditions.length === 0 ? undefined : conditions.map((one) => kindOf(one).sentence(one)).join(' and ')
}
