// Refresh tokens, stored as hashes. A used one is kept until it would have ended, so that a second use is noticed.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface RefreshToken {
  readonly tokenHash: string
  readonly grantId: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  readonly usedAt: EpochSeconds | null
}

export interface RefreshTokensRepository {
  add(token: Omit<RefreshToken, 'usedAt'>): Promise<void>
  find(tokenHash: string): Promise<RefreshToken | undefined>
  /** One conditional update: of several uses at once, one is true. */
  useOnce(tokenHash: string, now: EpochSeconds): Promise<boolean>
  prune(now: EpochSeconds): Promise<void>
}

export function createRefreshTokensRepository(db: Kysely<Schema>): RefreshTokensRepository {
  return {
    async add({ tokenHash, grantId, createdAt, expiresAt }) {
      await db
        .insertInto('refresh_tokens')
        .values({ token_hash: tokenHash, grant_id: grantId, created_at: createdAt, expires_at: expiresAt, used_at: null })
        .execute()
    },
    async find(tokenHash) {
      const row = await db.selectFrom('refresh_tokens').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && { tokenHash: row.token_hash, grantId: row.grant_id, createdAt: row.created_at, expiresAt: row.expires_at, usedAt: row.used_at }
    },
    async useOnce(tokenHash, now) {
      const result = await db
        .updateTable('refresh_tokens')
        .set({ used_at: now })
        .where('token_hash', '=', tokenHash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async prune(now) {
      await db.deleteFrom('refresh_tokens').where('expires_at', '<=', now).execute()
    },
  }
}
