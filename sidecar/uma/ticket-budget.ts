// How many tickets one network may have: a burst, then a steady rate. An IPv6 caller owns a /64, so that is what is counted.
import { addressPrefix } from '../../protocol/address.ts'
import { TICKET_ADDRESSES_MAX, TICKET_BURST, TICKETS_PER_SECOND } from '../limits.ts'
import { createLru } from '../lru.ts'

export interface TicketBudget {
  /** True if one more is within the budget; then it is spent. */
  spend(ip: string): boolean
}

export function createTicketBudget(monotonic: () => number): TicketBudget {
  const buckets = createLru<{ tokens: number; at: number }>(TICKET_ADDRESSES_MAX)
  return {
    spend(ip) {
      const network = addressPrefix(ip)
      const at = monotonic()
      const bucket = buckets.get(network) ?? { tokens: TICKET_BURST, at }
      bucket.tokens = Math.min(TICKET_BURST, bucket.tokens + ((at - bucket.at) / 1000) * TICKETS_PER_SECOND)
      bucket.at = at
      buckets.set(network, bucket)
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      return true
    },
  }
}
