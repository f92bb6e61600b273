// Approvals of one request: each passes once. Remembered for as long as the permission lives, in the memory of this process.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { createMemoryReplayStore } from '../../protocol/replay.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { OnceApproval } from './verdict.ts'

export interface OnceApprovals {
  /** Whether a token from before this moment was used is not known, so it passes no longer. */
  begin(startedAt: EpochSeconds): void
  /** True for the first request that uses it. One atomic step. */
  use(once: OnceApproval, claims: Pick<AccessTokenClaims, 'iat' | 'cnf'>, now: EpochSeconds): boolean
}

const APPROVALS_MAX = 100_000

export function createOnceApprovals(): OnceApprovals {
  const used = createMemoryReplayStore(APPROVALS_MAX)
  let startedAt: EpochSeconds | undefined
  return {
    begin(now) {
      startedAt = now
    },
    use({ id, expiresAt }, { iat, cnf }, now) {
      return startedAt !== undefined && iat >= startedAt && used.remember(cnf.jkt, id, expiresAt, now) === 'first_use'
    },
  }
}
