// A pairing as a state machine: pending, then approved or denied, then redeemed. Pure: judges what a poll or a decision may do; stores nothing.
import type { PublicJwk } from '../../protocol/jwk.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'

/** Ten minutes are enough to walk to another screen (RFC 8628 section 3.2 leaves it to us). */
export const PAIRING_LIFETIME_SECONDS = 600
/** RFC 8628 section 3.2. */
export const POLL_INTERVAL_SECONDS = 5
/** RFC 8628 section 3.5: `slow_down` adds this for all later polls. */
export const SLOW_DOWN_SECONDS = 5
/** More would only delay a client that has learnt. */
export const POLL_INTERVAL_MAX_SECONDS = 60
/** A steady client's polls arrive a little early now and then. */
const POLL_JITTER_SECONDS = 1

export type PairingStatus = 'pending' | 'approved' | 'denied' | 'redeemed'

export interface Pairing {
  readonly id: string
  readonly clientId: string
  /** Null for an app. */
  readonly deviceId: string | null
  /** The key proven by the first request; every poll must prove the same. */
  readonly jkt: string
  readonly jwk: PublicJwk
  readonly scope: readonly string[]
  readonly status: PairingStatus
  /** Who decided; null while pending. */
  readonly personId: string | null
  readonly pollIntervalSeconds: number
  /** The last poll that was not too early. */
  readonly lastPollAt: EpochSeconds | null
  /** Where the first request came from. */
  readonly address: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

export interface Poll {
  readonly clientId: string
  readonly jkt: string
}

export type PollRefusal = 'invalid_grant' | 'expired_token' | 'access_denied' | 'authorization_pending' | 'slow_down'

/** What a poll gets. Ok means: approved, may be redeemed now. An approved pairing is never told to slow down. */
export function judgePoll(pairing: Pairing, poll: Poll, now: EpochSeconds): Result<void, PollRefusal> {
  if (pairing.clientId !== poll.clientId || pairing.jkt !== poll.jkt) return err('invalid_grant')
  if (pairing.status === 'redeemed') return err('invalid_grant')
  if (pairing.status === 'denied') return err('access_denied')
  if (pairing.expiresAt <= now) return err('expired_token')
  if (pairing.status === 'approved') return ok()
  return err(isTooEarly(pairing, now) ? 'slow_down' : 'authorization_pending')
}

/** Counted from the last poll that was not too early: else a steady client, once early, would be early for ever. */
function isTooEarly(pairing: Pairing, now: EpochSeconds): boolean {
  return pairing.lastPollAt !== null && now - pairing.lastPollAt < pairing.pollIntervalSeconds - POLL_JITTER_SECONDS
}

/** Only a pending pairing that lives can be decided. */
export function isDecidable(pairing: Pairing, now: EpochSeconds): boolean {
  return pairing.status === 'pending' && pairing.expiresAt > now
}
