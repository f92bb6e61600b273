// All migrations in order. Names never change once released.
import type { Migration } from 'kysely'
import { up as start } from './0001-start.ts'
import { up as feedIdentity } from './0002-feed-identity.ts'

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-start': { up: start },
  '0002-feed-identity': { up: feedIdentity },
}
