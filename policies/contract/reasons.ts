// Every reason a decision can give: a closed list of codes. `docs/errors.md` explains each; a test compares the two.

/** Why an owner's policy said what it said. `rule` is the share's name, `line` its line in the owner's YAML (1-based). */
export interface Reason {
  readonly code: ReasonCode
  readonly rule?: string
  readonly line?: number
}

export const REASON_CODES = [
  'share_allows',
  'share_asks_owner',
  'blocked',
  'paused',
  'guardrail',
  'no_guardrail',
  'no_share_for_this',
  'not_these_days',
  'not_these_dates',
  'not_these_hours',
  'not_yet',
  'expired',
  'not_from_this_network',
  'not_at_this_place',
  'not_for_this_purpose',
  'not_with_this_app',
  'proof_too_weak',
  'sign_in_too_weak',
  'not_in_this_state',
  'not_with_these_attributes',
] as const
export type ReasonCode = (typeof REASON_CODES)[number]
