// Permission tickets: made unguessable, stored hashed, replaced by a new one at each answer that keeps the request open (UMA 2.0 Grant 3.3.6, 5.5).
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Repositories } from '../store/repositories.ts'
import type { Ticket } from '../store/tickets-repository.ts'

/** Long enough for a person to pair an app in between, and for hundreds of polls; each poll brings a new one. */
export const TICKET_LIFETIME_SECONDS = 3600
const TICKET_BYTES = 32
/** Says what kind of one-time secret it is, so that no other kind can be taken for it. */
const TICKET_PREFIX = 'ticket_'

export type TicketFacts = Pick<Ticket, 'resourceServer' | 'owner' | 'permissions' | 'requester' | 'clientId'>

/** The new ticket's text; what is stored is its hash. */
export async function addTicket(
  context: Context,
  repositories: Pick<Repositories, 'tickets'>,
  facts: TicketFacts & { readonly now: EpochSeconds },
): Promise<string> {
  const { now, resourceServer, owner, permissions, requester, clientId } = facts
  const text = TICKET_PREFIX + buildBase64url(context.ports.randomBytes(TICKET_BYTES))
  await repositories.tickets.prune(now)
  await repositories.tickets.add({
    ticketHash: hashTicket(text),
    resourceServer,
    owner,
    permissions,
    requester,
    clientId,
    createdAt: now,
    expiresAt: now + TICKET_LIFETIME_SECONDS,
  })
  return text
}

export function hashTicket(text: string): string {
  return sha256Base64url(text)
}
