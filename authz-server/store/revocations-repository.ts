// Tokens and grants that were ended before their time. An entry is kept until nothing that it names can still be alive.
import type { Kysely } from 'kysely'
import type { RevocationEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface RevocationsRepository {
  /** Idempotent; the later `expires_at` wins. */
  add(entry: RevocationEntry): Promise<void>
  isRevoked(token: { readonly jti: string; readonly grant_id: string }): Promise<boolean>
  listLive(now: EpochSeconds): Promise<readonly RevocationEntry[]>
  prune(now: EpochSeconds): Promise<void>
}

export function createRevocationsRepository(db: Kysely<Schema>): RevocationsRepository {
  return {
    async add({ of, id, expires_at }) {
      await db
        .insertInto('revocations')
        .values({ of, id, expires_at })
        .onConflict((conflict) => conflict.columns(['of', 'id']).doUpdateSet({ expires_at }).where('revocations.expires_at', '<', expires_at))
        .execute()
    },
    async isRevoked(token) {
      const row = await db
        .selectFrom('revocations')
        .select('id')
        .where((eb) => eb.or([eb.and({ of: 'token', id: token.jti }), eb.and({ of: 'grant', id: token.grant_id })]))
        .executeTakeFirst()
      return row !== undefined
    },
    async listLive(now) {
      const rows = await db.selectFrom('revocations').selectAll().where('expires_at', '>', now).execute()
      return rows.map((row) => ({ kind: 'revocation', ...row }))
    },
    async prune(now) {
      await db.deleteFrom('revocations').where('expires_at', '<=', now).execute()
    },
  }
}
