// Ends a grant and all tokens that came of it, with the feed's entry, inside the caller's transaction.
import type { RevocationEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Repositories } from '../store/repositories.ts'
import { ACCESS_TOKEN_LIFETIME_SECONDS } from './build-access-token.ts'

/** A token signed at this very moment lives so long; a little more for clocks that differ. */
export const REVOCATION_KEPT_SECONDS = ACCESS_TOKEN_LIFETIME_SECONDS + 60

/** False if it had ended before. */
export async function revokeGrant(repositories: Repositories, grantId: string, now: EpochSeconds): Promise<boolean> {
  if (!(await repositories.grants.revoke(grantId, now))) return false
  await addRevocation(repositories, { kind: 'revocation', of: 'grant', id: grantId, expires_at: now + REVOCATION_KEPT_SECONDS }, now)
  return true
}

export async function addRevocation(repositories: Repositories, entry: RevocationEntry, now: EpochSeconds): Promise<void> {
  await repositories.revocations.add(entry)
  await repositories.feedLog.append([entry], now)
}
