// What is kept, and how it is reached: reads at any time, writes in one transaction each. The port behind which SQLite stands, and PostgreSQL can.
import { Kysely, Migrator, sql } from 'kysely'
import { claimFile, claimFileIfThere } from '../../system/claim-file.ts'
import { type FeedIdentity, settleFeedIdentity } from './feed-identity.ts'
import type { LogPosition } from './feed-log-repository.ts'
import { createFeedMarker } from './feed-marker.ts'
import { createLibsqlDialect } from './libsql-dialect.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { createRepositories, type Repositories } from './repositories.ts'
import type { Schema } from './schema.ts'

/** Its name in the data directory. */
export const DATABASE_FILE = 'authz-server.db'

export interface Store {
  /** The last committed state. Never waits for a writer. */
  readonly read: Repositories
  /**
   * All of `work` or nothing. When the promise resolves, the change is on disk. One transaction runs at a time;
   * `work` must not wait for anything but the repositories it is given.
   * Throws StoreBusy when another process keeps the database locked.
   */
  transaction<Outcome>(work: (repositories: Repositories) => Promise<Outcome>): Promise<Outcome>
  /** Which database this is; another one after each restore. Sidecars compare it. */
  readonly identity: FeedIdentity
  close(): Promise<void>
}

/** Opens the file, brings it to the newest migration and checks it. Throws for a file that is damaged or newer than this program. */
export async function openSqliteStore(file: string): Promise<Store> {
  // It holds password hashes and sessions. SQLite gives the files beside it the mode of the database.
  claimFile(file)
  for (const beside of ['-wal', '-shm']) claimFileIfThere(file + beside)
  const writer = new Kysely<Schema>({ dialect: createLibsqlDialect({ file, readonly: false }) })
  await migrate(writer)
  await checkIntegrity(writer, file)
  const marker = createFeedMarker(`${file}.marker`)
  const identity = await settleFeedIdentity(writer, marker)
  const reader = new Kysely<Schema>({ dialect: createLibsqlDialect({ file, readonly: true }) })
  return {
    read: createRepositories(reader),
    identity,
    async transaction(work) {
      let appended: LogPosition | undefined
      const outcome = await writer.transaction().execute((transaction) =>
        work(
          createRepositories(transaction, (position) => {
            appended = position
          }),
        ),
      )
      if (appended !== undefined) marker.write({ incarnation: identity.incarnation, ...appended })
      return outcome
    },
    async close() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}

async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error('the database could not be brought to this version', { cause: error })
}

async function checkIntegrity(db: Kysely<Schema>, file: string): Promise<void> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check`.execute(db)
  if (rows[0]?.quick_check !== 'ok') throw new Error(`the database ${file} is damaged: restore it from a backup`)
}
