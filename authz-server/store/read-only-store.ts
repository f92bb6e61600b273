// The database for looking alone: nothing is made, migrated or written, also while a server runs on it.
import { existsSync } from 'node:fs'
import { Kysely } from 'kysely'
import { createLibsqlDialect } from './libsql-dialect.ts'
import { createRepositories, type Repositories } from './repositories.ts'
import type { Schema } from './schema.ts'

export interface ReadOnlyStore {
  readonly read: Repositories
  close(): Promise<void>
}

/** Undefined if there is no such file. */
export function openReadOnlyStore(file: string): ReadOnlyStore | undefined {
  if (!existsSync(file)) return undefined
  const reader = new Kysely<Schema>({ dialect: createLibsqlDialect({ file, readonly: true }) })
  return { read: createRepositories(reader), close: () => reader.destroy() }
}
