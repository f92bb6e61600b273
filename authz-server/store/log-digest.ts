// The chained digest of the feed's log: two logs with the same digest at a revision are the same log up to it. Pure.
import { sha256Base64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'

/** Of a log without changes, at revision 0. */
export const EMPTY_LOG_DIGEST = sha256Base64url('latchkey feed log')

export interface DigestedChange {
  /** The digest of the log up to the change before. */
  readonly previous: string
  /** Random and never sent: nobody who sees the digest can test guesses about entries that concern other sidecars. */
  readonly salt: string
  /** JSON, as it is stored. */
  readonly entries: string
  readonly createdAt: EpochSeconds
}

export function buildLogDigest({ previous, salt, entries, createdAt }: DigestedChange): string {
  return sha256Base64url(JSON.stringify([previous, salt, createdAt, entries]))
}
