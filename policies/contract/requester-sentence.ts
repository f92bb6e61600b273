// Reasons in words that a requester may read: what to do next, and nothing of how the rules are written.
import type { Reason, ReasonCode } from './reasons.ts'

const SENTENCES: Readonly<Record<ReasonCode, string>> = {
  share_allows: 'The owner shares this with you.',
  share_asks_owner: 'The owner decides about this request.',
  blocked: 'The owner does not share this with you.',
  paused: 'The owner has paused this for now.',
  guardrail: 'This service does not allow it.',
  no_guardrail: 'This service does not deny it.',
  no_share_for_this: 'The owner does not share this with you.',
  not_these_days: 'The owner shares this with you, but not today.',
  not_these_dates: 'The owner shares this with you, but not today.',
  not_these_hours: 'The owner shares this with you, but not at this time of day.',
  not_yet: 'The owner shares this with you, but not yet.',
  expired: 'The share that let you do this has ended.',
  not_at_this_place: 'The owner shares this with you, but not from where you are.',
  not_for_this_purpose: 'The owner shares this with you, but not for this purpose.',
  not_with_this_app: 'The owner shares this with you, but not with this app.',
  proof_too_weak: 'The owner shares this with you, but requires a stronger proof of possession.',
  sign_in_too_weak: 'The owner shares this with you, but requires a stronger sign-in.',
  not_in_this_state: 'The owner shares this with you, but not in its current state.',
  not_with_these_attributes: 'The owner shares this with you, but not with its current attributes.',
  not_from_this_network: 'The owner shares this with you, but not from where you are.',
}

/** No rule name, no line, no hour, network or other value of a rule. */
export function requesterSentence(code: Reason['code']): string {
  return SENTENCES[code]
}
