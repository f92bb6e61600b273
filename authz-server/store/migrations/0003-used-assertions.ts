// Client assertions that were used, so that a restart does not make them usable again.
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('used_assertions')
    .addColumn('id_hash', 'text', (column) => column.primaryKey())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('used_assertions_expiry').on('used_assertions').columns(['expires_at']).execute()
}
