// Permission tickets for callers who may ask for access (UMA 2.0 Federated Authorization section 4). Bounded by caller, in flight, and in time.
import { parseJsonObject } from '../../protocol/encoding.ts'
import type { TicketRequest } from '../../protocol/uma/messages.ts'
import { readBounded } from '../feed/read-bounded.ts'
import { AUTHZ_CALL_MILLISECONDS, AUTHZ_JSON_MAX_BYTES, TICKETS_IN_FLIGHT_MAX } from '../limits.ts'
import type { Breaker } from './breaker.ts'
import type { ProtectedFetch } from './protected-fetch.ts'
import type { TicketBudget, TicketCaller } from './ticket-budget.ts'

export type TicketOutcome = { readonly kind: 'ticket'; readonly ticket: string } | { readonly kind: 'unreachable' } | { readonly kind: 'limited' }

export interface TicketSource {
  /** Never throws; at most AUTHZ_CALL_MILLISECONDS. */
  get(permission: TicketRequest, caller: TicketCaller): Promise<TicketOutcome>
}

export interface TicketPorts {
  readonly fetch: ProtectedFetch
  readonly breaker: Breaker
  readonly budget: TicketBudget
}

const TICKET = /^[A-Za-z0-9._~+/=-]{1,512}$/

export function createTicketSource(ports: TicketPorts): TicketSource {
  let inFlight = 0

  async function request(permission: TicketRequest): Promise<string> {
    const response = await ports.fetch('/permission', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(permission),
      signal: AbortSignal.timeout(AUTHZ_CALL_MILLISECONDS),
    })
    const answer = parseJsonObject(await readBounded(response, AUTHZ_JSON_MAX_BYTES))
    const ticket = answer?.['ticket']
    if (response.status !== 201 || typeof ticket !== 'string' || !TICKET.test(ticket)) throw new Error(`no ticket: ${response.status}`)
    return ticket
  }

  return {
    async get(permission, caller) {
      if (inFlight >= TICKETS_IN_FLIGHT_MAX || !ports.budget.spend(caller)) return { kind: 'limited' }
      inFlight += 1
      try {
        const ticket = await ports.breaker.run(() => request(permission))
        return ticket === undefined ? { kind: 'unreachable' } : { kind: 'ticket', ticket }
      } finally {
        inFlight -= 1
      }
    },
  }
}
