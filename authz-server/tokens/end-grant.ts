// Ends grants and tells every resource server, in the caller's transaction. What was issued before can live no longer than the entry is kept.
import type { RevocationEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { CLOCK_TOLERANCE_SECONDS } from '../../protocol/verify-access-token.ts'
import type { Repositories } from '../store/repositories.ts'
import { ACCESS_TOKEN_LIFETIME_SECONDS } from './build-access-token.ts'

/** Marks the grants as revoked in the revocation list; gives the entries for the feed. */
export async function listGrantRevocations(
  repositories: Pick<Repositories, 'revocations'>,
  ids: readonly string[],
  now: EpochSeconds,
): Promise<readonly RevocationEntry[]> {
  const expires_at = now + ACCESS_TOKEN_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS
  const entries = ids.map((id): RevocationEntry => ({ kind: 'revocation', of: 'grant', id, expires_at }))
  for (const entry of entries) await repositories.revocations.add(entry)
  return entries
}

type EndingRepositories = Pick<Repositories, 'revocations' | 'grants' | 'rptGrants' | 'feedLog'>

/** True if it was live. The tokens that an app won with it (RPTs) are grants of their own, and end with it. */
export async function endGrant(repositories: EndingRepositories, id: string, now: EpochSeconds): Promise<boolean> {
  if (!(await repositories.grants.revoke(id, now))) return false
  const grant = await repositories.grants.find(id)
  const won = grant === undefined ? [] : await repositories.rptGrants.revokeOf(grant, now)
  await repositories.feedLog.append(await listGrantRevocations(repositories, [id, ...won], now), now)
  return true
}
