// How many tickets one caller may have: a burst, then a steady rate. Callers who proved their token are counted by name, all others by network.
import { addressPrefix } from '../../protocol/address.ts'
import { TICKET_BURST, TICKET_CALLERS_MAX, TICKETS_PER_SECOND } from '../limits.ts'
import { createLru } from '../lru.ts'

export interface TicketCaller {
  readonly address: string
  /** Whose token the caller proved, so that nobody else behind the same address can use up their tickets. */
  readonly sub?: string
}

export interface TicketBudget {
  /** True if one more is within the budget; then it is spent. */
  spend(caller: TicketCaller): boolean
}

export function createTicketBudget(monotonic: () => number): TicketBudget {
  const buckets = createLru<{ tokens: number; at: number }>(TICKET_CALLERS_MAX)
  return {
    spend({ address, sub }) {
      // An IPv6 caller owns a /64, so that is what is counted.
      const payer = sub === undefined ? `network ${addressPrefix(address)}` : `sub ${sub}`
      const at = monotonic()
      const bucket = buckets.get(payer) ?? { tokens: TICKET_BURST, at }
      bucket.tokens = Math.min(TICKET_BURST, bucket.tokens + ((at - bucket.at) / 1000) * TICKETS_PER_SECOND)
      bucket.at = at
      buckets.set(payer, bucket)
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      return true
    },
  }
}
