// The numbered log of changes that sidecars follow. A change is appended in the transaction that makes it, so neither exists without the other.
import type { Kysely } from 'kysely'
import type { FeedEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface LoggedChange {
  readonly revision: number
  readonly entries: readonly FeedEntry[]
}

export interface FeedLogRepository {
  /** The revision of the change: greater than all before. */
  append(entries: readonly FeedEntry[], now: EpochSeconds): Promise<number>
  /** Changes after that revision, in order. */
  listAfter(revision: number, most: number): Promise<readonly LoggedChange[]>
  /** The newest revision; 0 before the first change. */
  newestRevision(): Promise<number>
  /** The oldest revision still in the log; undefined when it is empty. */
  oldestRevision(): Promise<number | undefined>
  /** Forgets changes older than that, but never the newest. */
  prune(before: EpochSeconds): Promise<void>
}

export function createFeedLogRepository(db: Kysely<Schema>): FeedLogRepository {
  const newest = () =>
    db
      .selectFrom('feed_log')
      .select((eb) => eb.fn.max('revision').as('revision'))
      .executeTakeFirst()
  return {
    async append(entries, now) {
      const row = await db
        .insertInto('feed_log')
        .values({ entries: JSON.stringify(entries), created_at: now })
        .returning('revision')
        .executeTakeFirstOrThrow()
      return row.revision
    },
    async listAfter(revision, most) {
      const rows = await db.selectFrom('feed_log').selectAll().where('revision', '>', revision).orderBy('revision').limit(most).execute()
      return rows.map((row) => ({ revision: row.revision, entries: JSON.parse(row.entries) as FeedEntry[] }))
    },
    async newestRevision() {
      return (await newest())?.revision ?? 0
    },
    async oldestRevision() {
      const row = await db
        .selectFrom('feed_log')
        .select((eb) => eb.fn.min('revision').as('revision'))
        .executeTakeFirst()
      return row?.revision ?? undefined
    },
    async prune(before) {
      const revision = (await newest())?.revision
      if (revision === undefined) return
      await db.deleteFrom('feed_log').where('created_at', '<', before).where('revision', '<', revision).execute()
    },
  }
}
