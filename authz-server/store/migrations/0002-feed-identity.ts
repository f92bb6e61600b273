// The database gets an incarnation, and each change in the feed's log the digest of the log up to it, so that sidecars notice a restored database.
import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { buildLogDigest, EMPTY_LOG_DIGEST } from '../log-digest.ts'

const ROWS_AT_ONCE = 500

export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('feed_identity')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('incarnation', 'text', (column) => column.notNull())
    .execute()
  for (const column of ['salt', 'digest'] as const) {
    await schema
      .alterTable('feed_log')
      .addColumn(column, 'text', (definition) => definition.notNull().defaultTo(''))
      .execute()
  }
  await fillDigests(db)
  // An artifact is served to the sidecars of the owners who have used it.
  await schema.createIndex('policy_versions_artifact').on('policy_versions').columns(['artifact']).execute()
}

async function fillDigests(db: Kysely<unknown>): Promise<void> {
  let previous = EMPTY_LOG_DIGEST
  let after = 0
  while (true) {
    const page = sql<{ revision: number; entries: string; created_at: number }>`
      select revision, entries, created_at from feed_log where revision > ${after} order by revision limit ${ROWS_AT_ONCE}`
    const { rows } = await page.execute(db)
    for (const row of rows) {
      const salt = randomUUID()
      const digest = buildLogDigest({ previous, salt, entries: row.entries, createdAt: row.created_at })
      await sql`update feed_log set salt = ${salt}, digest = ${digest} where revision = ${row.revision}`.execute(db)
      previous = digest
      after = row.revision
    }
    if (rows.length < ROWS_AT_ONCE) return
  }
}
