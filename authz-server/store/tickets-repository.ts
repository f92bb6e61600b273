// Permission tickets (UMA 2.0 Grant section 5.5): found by their SHA-256, used once by one conditional UPDATE.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { PermissionRequest } from '../../protocol/uma/messages.ts'
import type { Schema, TicketsTable } from './schema.ts'

export interface Ticket {
  readonly ticketHash: string
  readonly resourceServer: string
  /** Null where the resource server asked about a resource that does not exist: such a ticket brings nothing. */
  readonly owner: string | null
  readonly permissions: readonly PermissionRequest[]
  /** Both null until a token request names them. */
  readonly requester: string | null
  readonly clientId: string | null
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** Who uses a ticket. One that was rotated for a client belongs to that client alone. */
export interface TicketUse {
  readonly ticketHash: string
  readonly clientId: string
}

export interface TicketsRepository {
  add(ticket: Ticket): Promise<void>
  /** An unused, living ticket that this client may use. Reading uses nothing up. */
  findUsable(use: TicketUse, now: EpochSeconds): Promise<Ticket | undefined>
  /** True if this call used the ticket up: of several at once, one gets true. */
  takeOnce(use: TicketUse, now: EpochSeconds): Promise<boolean>
  /** Unused and living ones. */
  listLive(now: EpochSeconds): Promise<readonly Ticket[]>
  /** Asks for less from now on; with nothing left, the ticket is forgotten. */
  narrow(ticketHash: string, permissions: readonly PermissionRequest[]): Promise<void>
  prune(now: EpochSeconds): Promise<void>
}

export function createTicketsRepository(db: Kysely<Schema>): TicketsRepository {
  return {
    async add(ticket) {
      await db
        .insertInto('tickets')
        .values({
          ticket_hash: ticket.ticketHash,
          resource_server: ticket.resourceServer,
          owner: ticket.owner,
          permissions: JSON.stringify(ticket.permissions),
          requester: ticket.requester,
          client_id: ticket.clientId,
          created_at: ticket.createdAt,
          expires_at: ticket.expiresAt,
          used_at: null,
        })
        .execute()
    },
    async findUsable(use, now) {
      const row = await db
        .selectFrom('tickets')
        .selectAll()
        .where('ticket_hash', '=', use.ticketHash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .where((eb) => eb.or([eb('client_id', 'is', null), eb('client_id', '=', use.clientId)]))
        .executeTakeFirst()
      return row && readTicket(row)
    },
    async takeOnce(use, now) {
      const result = await db
        .updateTable('tickets')
        .set({ used_at: now })
        .where('ticket_hash', '=', use.ticketHash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .where((eb) => eb.or([eb('client_id', 'is', null), eb('client_id', '=', use.clientId)]))
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async listLive(now) {
      const live = db.selectFrom('tickets').selectAll().where('used_at', 'is', null).where('expires_at', '>', now)
      return (await live.orderBy('ticket_hash').execute()).map(readTicket)
    },
    async narrow(ticketHash, permissions) {
      if (permissions.length === 0) await db.deleteFrom('tickets').where('ticket_hash', '=', ticketHash).execute()
      else
        await db
          .updateTable('tickets')
          .set({ permissions: JSON.stringify(permissions) })
          .where('ticket_hash', '=', ticketHash)
          .execute()
    },
    async prune(now) {
      await db.deleteFrom('tickets').where('expires_at', '<=', now).execute()
    },
  }
}

function readTicket(row: TicketsTable): Ticket {
  return {
    ticketHash: row.ticket_hash,
    resourceServer: row.resource_server,
    owner: row.owner,
    permissions: JSON.parse(row.permissions) as PermissionRequest[],
    requester: row.requester,
    clientId: row.client_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
