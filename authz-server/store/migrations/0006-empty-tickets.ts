// Tickets without an owner: what a sidecar hands out for things that do not exist (docs/decisions/0034).
import type { Kysely } from 'kysely'

/** SQLite cannot relax a column, so the table is built again. Tickets that are out keep working. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tickets_next')
    .addColumn('ticket_hash', 'text', (column) => column.primaryKey())
    .addColumn('resource_server', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.references('people.id'))
    .addColumn('permissions', 'text', (column) => column.notNull())
    .addColumn('requester', 'text')
    .addColumn('client_id', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  const columns = ['ticket_hash', 'resource_server', 'owner', 'permissions', 'requester', 'client_id', 'created_at', 'expires_at', 'used_at'] as const
  const old = db as Kysely<{ tickets: Record<(typeof columns)[number], never>; tickets_next: Record<(typeof columns)[number], never> }>
  await old
    .insertInto('tickets_next')
    .columns([...columns])
    .expression(old.selectFrom('tickets').select([...columns]))
    .execute()
  await db.schema.dropTable('tickets').execute()
  await db.schema.alterTable('tickets_next').renameTo('tickets').execute()
  await db.schema.createIndex('tickets_expiry').on('tickets').columns(['expires_at']).execute()
}
