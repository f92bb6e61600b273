// One-time links to choose a new password, found by the SHA-256 of their token alone. A person has one at most.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface PasswordReset {
  readonly tokenHash: string
  readonly personId: string
  readonly expiresAt: EpochSeconds
}

export interface PasswordResetsRepository {
  /** Replaces this person's earlier one. */
  put(reset: PasswordReset): Promise<void>
  findLive(tokenHash: string, now: EpochSeconds): Promise<PasswordReset | undefined>
  /** False unless it was live; of several calls at once, one gets true. */
  takeOnce(tokenHash: string, now: EpochSeconds): Promise<boolean>
  prune(now: EpochSeconds): Promise<void>
}

export function createPasswordResetsRepository(db: Kysely<Schema>): PasswordResetsRepository {
  return {
    async put({ tokenHash, personId, expiresAt }) {
      await db.deleteFrom('password_resets').where('person_id', '=', personId).execute()
      await db.insertInto('password_resets').values({ token_hash: tokenHash, person_id: personId, expires_at: expiresAt }).execute()
    },
    async findLive(tokenHash, now) {
      const row = await db.selectFrom('password_resets').selectAll().where('token_hash', '=', tokenHash).where('expires_at', '>', now).executeTakeFirst()
      return row && { tokenHash, personId: row.person_id, expiresAt: row.expires_at }
    },
    async takeOnce(tokenHash, now) {
      const taken = await db.deleteFrom('password_resets').where('token_hash', '=', tokenHash).where('expires_at', '>', now).executeTakeFirst()
      return taken.numDeletedRows === 1n
    },
    async prune(now) {
      await db.deleteFrom('password_resets').where('expires_at', '<=', now).execute()
    },
  }
}
