// Client assertions that were accepted (RFC 7523 section 3), by a hash of client and `jti`, for as long as they could be sent again.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface UsedAssertionsRepository {
  /** True for the first use. One conditional insert: of several uses at once, one is true. */
  useOnce(assertion: { readonly idHash: string; readonly expiresAt: EpochSeconds }, now: EpochSeconds): Promise<boolean>
  prune(now: EpochSeconds): Promise<void>
}

export function createUsedAssertionsRepository(db: Kysely<Schema>): UsedAssertionsRepository {
  return {
    async useOnce({ idHash, expiresAt }, now) {
      const result = await db
        .insertInto('used_assertions')
        .values({ id_hash: idHash, used_at: now, expires_at: expiresAt })
        .onConflict((conflict) => conflict.column('id_hash').doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    async prune(now) {
      await db.deleteFrom('used_assertions').where('expires_at', '<=', now).execute()
    },
  }
}
