// How many tickets one network may have: a burst, then a steady rate. An IPv6 caller owns a /64, so that is what is counted.
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
      const network = networkOf(ip)
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

/** The whole IPv4 address, or the first four groups of an IPv6 address. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip
  const [head = '', tail] = ip.split('%', 1)[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')
}
