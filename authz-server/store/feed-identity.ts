// Which database this is: a random incarnation, kept as long as the log goes on where it was left. A restored, copied or new database gets another.
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { createFeedLogRepository } from './feed-log-repository.ts'
import type { FeedMarker, NotedLog } from './feed-marker.ts'
import type { Schema } from './schema.ts'

/** Why a database got another incarnation at this start. */
export type IncarnationReason = 'new_database' | 'no_incarnation' | 'marker_missing' | 'marker_copied' | 'other_incarnation' | 'log_went_back' | 'log_differs'

export interface FeedIdentity {
  readonly incarnation: string
  /** Undefined: it is the same database as before. */
  readonly renewedBecause: IncarnationReason | undefined
}

const ONLY_ROW = 1

/** Run at each opening, before anything is read from the log. */
export async function settleFeedIdentity(db: Kysely<Schema>, marker: FeedMarker): Promise<FeedIdentity> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom('feed_identity').select('incarnation').where('id', '=', ONLY_ROW).executeTakeFirst()
    const feedLog = createFeedLogRepository(transaction)
    const head = await feedLog.head()
    const noted = marker.read()
    const reason =
      row === undefined
        ? reasonForNone(head.revision)
        : typeof noted === 'string'
          ? (`marker_${noted}` as const)
          : await compare(row.incarnation, noted, feedLog)
    const incarnation = row === undefined || reason !== undefined ? randomUUID() : row.incarnation
    if (reason !== undefined) {
      await transaction.deleteFrom('feed_identity').execute()
      await transaction.insertInto('feed_identity').values({ id: ONLY_ROW, incarnation }).execute()
    }
    // Before the commit: should that fail, the marker does not fit, and the next start renews the incarnation again.
    marker.write({ incarnation, ...head })
    return { incarnation, renewedBecause: reason }
  })
}

/** A backup, and a database of an earlier version, has a log but no incarnation. */
function reasonForNone(revision: number): IncarnationReason {
  return revision === 0 ? 'new_database' : 'no_incarnation'
}

/** The log may be ahead of the marker, which is written after the commit; never behind it, and never another. */
async function compare(
  incarnation: string,
  noted: NotedLog,
  feedLog: { digestAt(revision: number): Promise<string | undefined> },
): Promise<IncarnationReason | undefined> {
  if (noted.incarnation !== incarnation) return 'other_incarnation'
  const digest = await feedLog.digestAt(noted.revision)
  if (digest === undefined) return 'log_went_back'
  return digest === noted.digest ? undefined : 'log_differs'
}
