// All migrations in order. Names never change once released.
import type { Migration } from 'kysely'
import { up as start } from './0001-start.ts'
import { up as pairingAndPeople } from './0004-pairing-and-people.ts'

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-start': { up: start },
  '0004-pairing-and-people': { up: pairingAndPeople },
}
