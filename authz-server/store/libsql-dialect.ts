// Lets kysely speak to SQLite through libsql. A busy database is waited for without holding up the process; the query text is kysely's.

import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import Database from 'libsql'
import { StoreBusy } from './store-busy.ts'

/** How long a write waits for another process to let go of the database. */
const BUSY_WAIT_MILLISECONDS = 5000
const BUSY_PAUSE_MILLISECONDS = 25

export interface LibsqlOptions {
  readonly file: string
  readonly readonly: boolean
}

export function createLibsqlDialect(options: LibsqlOptions): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function createDriver(options: LibsqlOptions): Driver {
  let database: Database.Database | undefined
  let connection: DatabaseConnection | undefined
  const turns = createTurns()

  return {
    async init() {
      database = openDatabase(options)
      connection = createConnection(database)
    },
    async acquireConnection() {
      await turns.take()
      if (connection === undefined) throw new Error('the database is closed')
      return connection
    },
    async releaseConnection() {
      turns.give()
    },
    // IMMEDIATE: a transaction that will write says so at once, so that it never fails half-way for want of the lock.
    async beginTransaction(of) {
      await of.executeQuery(CompiledQuery.raw('begin immediate'))
    },
    async commitTransaction(of) {
      await of.executeQuery(CompiledQuery.raw('commit'))
    },
    async rollbackTransaction(of) {
      await of.executeQuery(CompiledQuery.raw('rollback'))
    },
    async destroy() {
      if (database !== undefined && !options.readonly) emptyLog(database)
      database?.close()
      database = undefined
      connection = undefined
    },
  }
}

function openDatabase(options: LibsqlOptions): Database.Database {
  const database = new Database(options.file)
  // Waiting is done in `executeWhenFree`: SQLite's own waiting would stop the whole process.
  database.exec('pragma busy_timeout = 0')
  database.exec('pragma journal_mode = wal')
  database.exec('pragma synchronous = full')
  database.exec('pragma foreign_keys = on')
  if (options.readonly) database.exec('pragma query_only = on')
  return database
}

/** The driver leaves everything in the write-ahead log when it closes: a copy of the database file alone would be an old or an empty one. */
function emptyLog(database: Database.Database): void {
  try {
    database.exec('pragma wal_checkpoint(truncate)')
  } catch {
    // Somebody reads it at this moment: nothing is lost, the log stays beside the database.
  }
}

function createConnection(database: Database.Database): DatabaseConnection {
  return {
    executeQuery: <Row>(query: CompiledQuery) => executeWhenFree<Row>(database, query),
    // biome-ignore lint/correctness/useYield: kysely's interface wants a generator; nothing of ours streams rows.
    async *streamQuery() {
      throw new Error('streaming rows is not offered')
    },
  }
}

async function executeWhenFree<Row>(database: Database.Database, query: CompiledQuery): Promise<QueryResult<Row>> {
  for (let waited = 0; ; waited += BUSY_PAUSE_MILLISECONDS) {
    try {
      return execute<Row>(database, query)
    } catch (cause) {
      if (!isBusy(cause)) throw cause
      if (waited >= BUSY_WAIT_MILLISECONDS) throw new StoreBusy(cause)
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MILLISECONDS))
    }
  }
}

/** Run without a prepared statement: one that failed for a lock stays open until it is collected, and the next commit would fail for it. */
const CONTROL_STATEMENTS = ['begin immediate', 'commit', 'rollback']

function execute<Row>(database: Database.Database, query: CompiledQuery): QueryResult<Row> {
  if (CONTROL_STATEMENTS.includes(query.sql)) {
    database.exec(query.sql)
    return { rows: [] }
  }
  const statement = database.prepare(query.sql)
  const parameters = query.parameters as unknown[]
  if (statement.reader) return { rows: statement.all(parameters) as Row[] }
  const { changes } = statement.run(parameters)
  return { rows: [], numAffectedRows: BigInt(changes) }
}

function isBusy(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
}

/** One user of the connection at a time, in the order of asking. */
function createTurns(): { take: () => Promise<void>; give: () => void } {
  const waiting: (() => void)[] = []
  let taken = false
  return {
    take() {
      if (!taken) {
        taken = true
        return Promise.resolve()
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
    give() {
      const next = waiting.shift()
      if (next) next()
      else taken = false
    },
  }
}
