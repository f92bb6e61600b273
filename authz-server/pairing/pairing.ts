// The life of one pairing as a pure state machine (RFC 8628 section 3.5): pending, then approved or denied, then redeemed. Reads and stores nothing.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Pairing } from '../store/pairings-repository.ts'

/** RFC 8628 section 5.1 asks for short; a person has to find the page, sign in, and compare. */
export const PAIRING_LIFETIME_SECONDS = 600
/** An ended pairing is remembered this long, so that a late poll hears `expired_token`. */
export const PAIRING_KEPT_SECONDS = 3600
export const POLL_INTERVAL_SECONDS = 5
/** RFC 8628 section 3.5: added for this and all later polls. */
export const SLOW_DOWN_SECONDS = 5
/** Growing without end would starve a client that cannot slow down. */
export const POLL_INTERVAL_MAX_SECONDS = 60
/** Networks and whole-second clocks: a poll that is early by this much is on time. */
export const POLL_JITTER_SECONDS = 1
/** A code from further in the future is of before a restart, and of a clock that was set back meanwhile: it would live longer than PAIRING_LIFETIME_SECONDS. */
export const CLOCK_SET_BACK_SECONDS = 60

export interface PollState {
  readonly lastPollAt: EpochSeconds | null
  readonly pollIntervalSeconds: number
}

export type PollVerdict =
  | { readonly kind: 'expired' | 'denied' | 'redeemed' | 'approved' }
  | { readonly kind: 'pending' | 'slow_down'; readonly next: PollState }

export type JudgedPairing = Pick<Pairing, 'status' | 'createdAt' | 'expiresAt' | 'lastPollAt' | 'pollIntervalSeconds'>

/** An answer that the person has given is never delayed; the first poll is never too early; only polls on time move the clock. */
export function judgePoll(pairing: JudgedPairing, now: EpochSeconds): PollVerdict {
  if (pairing.status === 'redeemed' || pairing.status === 'denied') return { kind: pairing.status }
  if (isExpired(pairing, now)) return { kind: 'expired' }
  if (pairing.status === 'approved') return { kind: 'approved' }
  const { lastPollAt, pollIntervalSeconds } = pairing
  // A last poll in the future says only that the clock was set back: nothing is known about when it was.
  const isEarly = lastPollAt !== null && now >= lastPollAt && now - lastPollAt + POLL_JITTER_SECONDS < pollIntervalSeconds
  if (!isEarly) return { kind: 'pending', next: { lastPollAt: now, pollIntervalSeconds } }
  const slower = Math.min(POLL_INTERVAL_MAX_SECONDS, pollIntervalSeconds + SLOW_DOWN_SECONDS)
  return { kind: 'slow_down', next: { lastPollAt, pollIntervalSeconds: slower } }
}

export function isWaiting(pairing: Pick<Pairing, 'status' | 'expiresAt'>, now: EpochSeconds): boolean {
  return pairing.status === 'pending' && pairing.expiresAt > now
}

function isExpired({ createdAt, expiresAt }: Pick<Pairing, 'createdAt' | 'expiresAt'>, now: EpochSeconds): boolean {
  return expiresAt <= now || createdAt > now + CLOCK_SET_BACK_SECONDS
}
