// All migrations in order. Names never change once released.
import type { Migration } from 'kysely'
import { up as start } from './0001-start.ts'
import { up as feedIdentity } from './0002-feed-identity.ts'
import { up as usedAssertions } from './0003-used-assertions.ts'
import { up as pairingAndPeople } from './0004-pairing-and-people.ts'
import { up as onceApprovals } from './0005-once-approvals.ts'
import { up as emptyTickets } from './0006-empty-tickets.ts'

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-start': { up: start },
  '0002-feed-identity': { up: feedIdentity },
  '0003-used-assertions': { up: usedAssertions },
  '0004-pairing-and-people': { up: pairingAndPeople },
  '0005-once-approvals': { up: onceApprovals },
  '0006-empty-tickets': { up: emptyTickets },
}
