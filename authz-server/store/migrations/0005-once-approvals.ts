// Approvals of one request: until when they may be used, and when they were (docs/uma.md).
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('access_requests').addColumn('once_until', 'bigint').execute()
  await db.schema.alterTable('access_requests').addColumn('once_used_at', 'bigint').execute()
}
