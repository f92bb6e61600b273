// Carries out a refusal: gets a ticket where the caller may ask for access, writes the response, and notes why.

import { messageOf } from '../../system/message-of.ts'
import { noteDecision } from '../audit/audit-log.ts'
import { type Exchange, isGone, type RequestParts } from '../exchange.ts'
import type { TicketCaller } from '../uma/ticket-budget.ts'
import type { TicketOutcome } from '../uma/ticket-source.ts'
import type { Refusal } from './refusal.ts'
import { writeRefusal } from './write-refusal.ts'

export async function refuse(exchange: Exchange, refusal: Refusal, parts: RequestParts): Promise<void> {
  const { record } = exchange
  record.reason = refusal.reason
  const ticket = refusal.permission === undefined ? undefined : await parts.tickets.get(refusal.permission, callerOf(record))
  refuseNow(exchange, refusal, parts, ticket)
}

/** A refusal that offers a ticket comes either without a token, or after its proof was accepted. */
function callerOf({ peer, claims }: Exchange['record']): TicketCaller {
  return { address: peer.address, ...(claims === undefined ? {} : { sub: claims.sub }) }
}

/** Never throws: it is called from events too, where nobody catches. */
export function refuseNow(exchange: Exchange, refusal: Refusal, parts: RequestParts, ticket?: TicketOutcome): void {
  const { request, response, head, record } = exchange
  if (response.headersSent || isGone(exchange)) return
  record.reason = refusal.reason
  if (refusal.decision !== undefined || refusal.policy !== undefined) noteDecision(record, refusal)
  try {
    record.status = writeRefusal(response, refusal, {
      ticket,
      realm: parts.publicHost,
      issuer: parts.enforcement.issuer,
      nonce: parts.mintNonce(),
      requestId: record.requestId,
      accept: head?.accept ?? '',
      headers: head === undefined ? [] : parts.cors.headersFor(head),
      mustClose: head === undefined || (head.body !== 'none' && !request.complete),
    })
  } catch (cause) {
    parts.notice(`request ${record.requestId} could not be answered: ${messageOf(cause)}`)
    response.destroy()
  }
}
