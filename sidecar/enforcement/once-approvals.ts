// Approvals of one request: each passes once. Remembered for as long as the permission lives, in the memory of this process.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { createMemoryReplayStore } from '../../protocol/replay.ts'
import { type EpochSeconds, readMonotonic } from '../../protocol/time.ts'
import type { OnceApproval } from './verdict.ts'

export interface OnceApprovals {
  /** Whether a token from before this moment was used is not known, so it passes no longer. */
  begin(startedAt: EpochSeconds): void
  /** True for the first request that uses it. One atomic step. */
  use(once: OnceApproval, claims: Pick<AccessTokenClaims, 'iat' | 'cnf'>, now: EpochSeconds): boolean
}

const APPROVALS_MAX = 100_000

/** Longer than a wall clock may be off before requests are refused (FEED_AHEAD_SECONDS), so that an approval is not forgotten while its permission lives. */
const KEPT_LONGER_SECONDS = 120

/** `monotonic`: milliseconds of a clock that never goes back. */
export function createOnceApprovals(monotonic: () => number): OnceApprovals {
  const used = createMemoryReplayStore(APPROVALS_MAX)
  let startedAt: EpochSeconds | undefined
  return {
    begin(now) {
      startedAt = now
    },
    use({ id, expiresAt }, { iat, cnf }, now) {
      if (startedAt === undefined || iat < startedAt) return false
      const monotonicNow = readMonotonic(monotonic)
      const keptUntil = monotonicNow + Math.max(0, expiresAt - now) + KEPT_LONGER_SECONDS
      return used.remember(cnf.jkt, id, keptUntil, monotonicNow) === 'first_use'
    },
  }
}
