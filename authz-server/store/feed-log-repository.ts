// The numbered log of changes that sidecars follow. A change is appended in the transaction that makes it, so neither exists without the other.
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { FeedEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { buildLogDigest, EMPTY_LOG_DIGEST } from './log-digest.ts'
import type { Schema } from './schema.ts'

/** A revision, and the digest of the log up to it. */
export interface LogPosition {
  readonly revision: number
  readonly digest: string
}

export interface LoggedChange extends LogPosition {
  readonly entries: readonly FeedEntry[]
}

export interface FeedLogRepository {
  /** The revision of the change: greater than all before. */
  append(entries: readonly FeedEntry[], now: EpochSeconds): Promise<number>
  /** Changes after that revision, in order. */
  listAfter(revision: number, most: number): Promise<readonly LoggedChange[]>
  /** The newest change; revision 0 before the first. */
  head(): Promise<LogPosition>
  /** The digest at that revision; undefined if it is not in the log. */
  digestAt(revision: number): Promise<string | undefined>
  /** The newest revision; 0 before the first change. */
  newestRevision(): Promise<number>
  /** The oldest revision still in the log; undefined when it is empty. */
  oldestRevision(): Promise<number | undefined>
  /** Forgets changes older than that, but never the newest. */
  prune(before: EpochSeconds): Promise<void>
}

/** `onAppend` is told of each change before its transaction is committed. */
export function createFeedLogRepository(db: Kysely<Schema>, onAppend: (position: LogPosition) => void = () => {}): FeedLogRepository {
  async function head(): Promise<LogPosition> {
    const row = await db.selectFrom('feed_log').select(['revision', 'digest']).orderBy('revision', 'desc').limit(1).executeTakeFirst()
    return row ?? { revision: 0, digest: EMPTY_LOG_DIGEST }
  }

  async function oldestRevision(): Promise<number | undefined> {
    const row = await db
      .selectFrom('feed_log')
      .select((eb) => eb.fn.min('revision').as('revision'))
      .executeTakeFirst()
    return row?.revision ?? undefined
  }

  return {
    head,
    oldestRevision,
    async append(entries, now) {
      const change = { previous: (await head()).digest, salt: randomUUID(), entries: JSON.stringify(entries), createdAt: now }
      const digest = buildLogDigest(change)
      const row = await db
        .insertInto('feed_log')
        .values({ entries: change.entries, created_at: now, salt: change.salt, digest })
        .returning('revision')
        .executeTakeFirstOrThrow()
      onAppend({ revision: row.revision, digest })
      return row.revision
    },
    async listAfter(revision, most) {
      const rows = await db.selectFrom('feed_log').selectAll().where('revision', '>', revision).orderBy('revision').limit(most).execute()
      return rows.map((row) => ({ revision: row.revision, digest: row.digest, entries: JSON.parse(row.entries) as FeedEntry[] }))
    },
    async digestAt(revision) {
      if (revision === 0) return ((await oldestRevision()) ?? 1) === 1 ? EMPTY_LOG_DIGEST : undefined
      const row = await db.selectFrom('feed_log').select('digest').where('revision', '=', revision).executeTakeFirst()
      return row?.digest
    },
    newestRevision: async () => (await head()).revision,
    async prune(before) {
      const { revision } = await head()
      await db.deleteFrom('feed_log').where('created_at', '<', before).where('revision', '<', revision).execute()
    },
  }
}
