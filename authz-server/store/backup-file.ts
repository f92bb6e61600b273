// A backup is one SQLite file: a complete copy of the database, and the files that belong to it in a table of its own. Made while the server runs; read before it is trusted.
import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { err, ok, type Result } from '../../protocol/result.ts'
import { MIGRATIONS } from './migrations/index.ts'

const FORMAT_VERSION = 1

/** A file of the data directory, e.g. `keys/signing-keys.json`. */
export interface BackedUpFile {
  readonly name: string
  readonly content: string
}

export interface BackupFacts {
  readonly issuer: string
  /** ISO 8601. */
  readonly madeAt: string
  readonly incarnation: string
  readonly revision: number
}

export interface BackupContent extends BackupFacts {
  readonly files: readonly BackedUpFile[]
}

export type BackupRefusal = 'file_exists' | 'not_a_backup' | 'damaged' | 'of_a_newer_version'

export interface BackupRequest {
  readonly databaseFile: string
  readonly out: string
  readonly issuer: string
  readonly madeAt: string
  /** Read after the database was copied: keys may be newer than the database, never older. */
  readonly readFiles: () => readonly BackedUpFile[]
}

/** Never replaces a file, and leaves none behind that is not complete. Its mode is 0600. */
export function writeBackup({ databaseFile, out, issuer, madeAt, readFiles }: BackupRequest): Result<BackupFacts, 'file_exists'> {
  const draft = `${out}.${randomUUID()}.draft`
  closeSync(openSync(draft, 'wx', 0o600))
  try {
    copyDatabase(databaseFile, draft, {})
    const facts = addContent(draft, { issuer, madeAt, files: readFiles() })
    sync(draft)
    // A link to a complete file creates the name, so it never names a part of one.
    linkSync(draft, out)
    sync(dirname(out))
    return ok(facts)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return err('file_exists')
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Other connections go on reading and writing meanwhile. */
function copyDatabase(file: string, draft: string, options: { readonly readonly?: boolean }): void {
  const database = new Database(file, options)
  try {
    database.exec('pragma busy_timeout = 5000')
    database.prepare('vacuum into ?').run(draft)
  } finally {
    database.close()
  }
}

function addContent(file: string, { issuer, madeAt, files }: Pick<BackupContent, 'issuer' | 'madeAt' | 'files'>): BackupFacts {
  const database = new Database(file)
  try {
    const facts = { issuer, madeAt, ...readIdentity(database) }
    database.exec('create table latchkey_backup (name text primary key, content text not null)')
    const insert = database.prepare('insert into latchkey_backup (name, content) values (?, ?)')
    insert.run('manifest', JSON.stringify({ version: FORMAT_VERSION, ...facts, files: files.map(({ name }) => name) }))
    for (const { name, content } of files) insert.run(`file:${name}`, content)
    return facts
  } finally {
    database.close()
  }
}

function readIdentity(database: Database.Database): Pick<BackupFacts, 'incarnation' | 'revision'> {
  const identity = hasIdentity(database) ? (database.prepare('select incarnation from feed_identity').get() as { incarnation: string } | undefined) : undefined
  const { revision } = database.prepare('select coalesce(max(revision), 0) as revision from feed_log').get() as { revision: number }
  return { incarnation: identity?.incarnation ?? '', revision }
}

/** A database that was last used by an earlier version has none. */
function hasIdentity(database: Database.Database): boolean {
  return database.prepare("select 1 from sqlite_master where type = 'table' and name = 'feed_identity'").get() !== undefined
}

/** Checks the whole file and changes nothing. */
export function readBackup(file: string): Result<BackupContent, Exclude<BackupRefusal, 'file_exists'>> {
  let database: Database.Database | undefined
  try {
    database = new Database(file, { readonly: true })
    const [check] = database.prepare('pragma quick_check').all() as { quick_check: string }[]
    if (check?.quick_check !== 'ok') return err('damaged')
    const rows = database.prepare('select name, content from latchkey_backup').all() as BackedUpFile[]
    const manifest = parseManifest(rows.find(({ name }) => name === 'manifest')?.content)
    if (manifest === undefined) return err('not_a_backup')
    const migrations = database.prepare('select name from kysely_migration').all() as { name: string }[]
    if (manifest.version !== FORMAT_VERSION || migrations.some(({ name }) => !Object.hasOwn(MIGRATIONS, name))) return err('of_a_newer_version')
    const files = rows.flatMap(({ name, content }) => (name.startsWith('file:') ? [{ name: name.slice('file:'.length), content }] : []))
    return ok({ ...manifest, files })
  } catch (error) {
    return err((error as { code?: unknown }).code === 'SQLITE_CORRUPT' ? 'damaged' : 'not_a_backup')
  } finally {
    database?.close()
  }
}

/** The database alone, under a new name: without the table of the backup, and with nothing left of it in free pages. */
export function extractDatabase(backup: string, to: string): void {
  closeSync(openSync(to, 'wx', 0o600))
  copyDatabase(backup, to, { readonly: true })
  const database = new Database(to)
  try {
    database.exec('pragma secure_delete = on')
    database.exec('drop table latchkey_backup')
    // The next start makes another one: this is not the database that sidecars know.
    if (hasIdentity(database)) database.exec('delete from feed_identity')
    database.exec('vacuum')
  } finally {
    database.close()
  }
  sync(to)
}

function parseManifest(text: string | undefined): (BackupFacts & { readonly version: number }) | undefined {
  const value = JSON.parse(text ?? 'null') as Record<string, unknown> | null
  const { version, issuer, madeAt, incarnation, revision } = value ?? {}
  const isComplete = typeof issuer === 'string' && typeof madeAt === 'string' && typeof incarnation === 'string' && Number.isSafeInteger(revision)
  return Number.isSafeInteger(version) && isComplete ? ({ version, issuer, madeAt, incarnation, revision } as BackupFacts & { version: number }) : undefined
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
