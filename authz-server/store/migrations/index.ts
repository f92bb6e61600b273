// All migrations in order. Names never change once released.
import type { Migration } from 'kysely'
import { up as start } from './0001-start.ts'
import { up as onceApprovals } from './0005-once-approvals.ts'
import { up as emptyTickets } from './0006-empty-tickets.ts'

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-start': { up: start },
  '0005-once-approvals': { up: onceApprovals },
  '0006-empty-tickets': { up: emptyTickets },
}
