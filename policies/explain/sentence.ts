// Reasons in plain words: all of it for the owner, and for the requester only what tells nothing of the rules. It decides nothing.
import { CONDITION_KINDS, kindOf } from '../conditions/registry.ts'
import type { Reason, ReasonCode } from '../contract/reasons.ts'
import { findShare } from '../model/find-share.ts'
import type { RuleSet } from '../model/rule-set.ts'

interface Words {
  readonly owner: string
  /** No names, no hours, no networks: whoever is refused learns what to do, not how the rules are made. */
  readonly requester: string
}

const WORDS: Readonly<Record<ReasonCode, Words>> = {
  share_allows: { owner: 'A share allows it', requester: 'The owner shares this with you.' },
  share_asks_owner: { owner: 'A share lets the owner decide', requester: 'The owner decides about this request.' },
  blocked: { owner: 'This person is blocked', requester: 'The owner does not share this with you.' },
  paused: { owner: 'This is paused', requester: 'The owner has paused this for now.' },
  guardrail: { owner: 'The operator of this service does not allow it', requester: 'This service does not allow it.' },
  no_guardrail: { owner: 'The operator of this service has nothing against it', requester: 'This service has nothing against it.' },
  no_share_for_this: { owner: 'No share gives this person this ability on this thing', requester: 'The owner does not share this with you.' },
  not_these_days: { owner: 'A share fits, but not on this day', requester: 'The owner shares this with you, but not today.' },
  not_these_hours: { owner: 'A share fits, but not at this hour', requester: 'The owner shares this with you, but not at this hour.' },
  not_yet: { owner: 'A share fits, but has not begun', requester: 'The owner shares this with you, but not yet.' },
  expired: { owner: 'A share fitted, but has ended', requester: 'The owner shared this with you until lately; it has ended.' },
  not_at_this_place: { owner: 'A share fits, but not from this place', requester: 'The owner shares this with you, but not from where you are.' },
  not_for_this_purpose: { owner: 'A share fits, but not for this purpose', requester: 'The owner shares this with you, but not for this purpose.' },
  not_with_this_app: { owner: 'A share fits, but not with this app', requester: 'The owner shares this with you, but not with this app.' },
  proof_too_weak: { owner: 'A share fits, but wants another proof', requester: 'The owner shares this with you, but wants a stronger proof of the key.' },
  sign_in_too_weak: { owner: 'A share fits, but wants a stronger sign-in', requester: 'The owner shares this with you, but wants a stronger sign-in.' },
  not_in_this_state: {
    owner: 'A share fits, but not in this state of the device',
    requester: 'The owner shares this with you, but not in the state it is in.',
  },
  not_with_these_attributes: {
    owner: 'A share fits, but not with what is known of the thing',
    requester: 'The owner shares this with you, but not as it is now.',
  },
  not_from_this_network: { owner: 'A share fits, but not from this network', requester: 'The owner shares this with you, but not from where you are.' },
}

/** For the owner. With the rule set, the share's own condition is told: "… Allowed from 08:00 to 22:00 (Europe/Paris)." */
export function ownerSentence(reason: Reason, ruleSet?: RuleSet): string {
  const where = reason.rule === undefined ? '' : `: "${reason.rule}"`
  const line = reason.line === undefined ? '' : ` (line ${reason.line})`
  const condition = ruleSet === undefined ? undefined : conditionOf(reason, ruleSet)
  return `${WORDS[reason.code].owner}${where}${line}.${condition === undefined ? '' : ` Allowed ${condition}.`}`
}

/** For anyone else: no rule name, no line, no value of a rule. */
export function requesterSentence(reason: Pick<Reason, 'code'>): string {
  return WORDS[reason.code].requester
}

function conditionOf(reason: Reason, ruleSet: RuleSet): string | undefined {
  if (!CONDITION_KINDS.some((kind) => kind.reason === reason.code)) return undefined
  const condition = findShare(ruleSet, reason)?.conditions.find((one) => kindOf(one).reason === reason.code)
  return condition === undefined ? undefined : kindOf(condition).sentence(condition)
}
