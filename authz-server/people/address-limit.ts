// Counts attempts by network address, for limits that slow down before they lock. An IPv6 network counts at three sizes, so that changing the address within it gains nothing.
import { addressPrefix } from '../../protocol/address.ts'
import { type AttemptLimit, createAttemptLimit, type LimitSeconds } from './attempt-limit.ts'

export interface AddressLimitOptions {
  /** For an IPv4 address or an IPv6 /64; a /56 may make twice as many, a /48 four times. */
  readonly most: number
  /** From here on attempts are slowed down. Never, if not given. */
  readonly slowAfter?: number
  readonly windowSeconds: number
  readonly maxKeys: number
}

export interface AddressLimit {
  /** Counts one attempt. False, and nothing counted, if the address or its network had all of its attempts. */
  take(address: string, now: LimitSeconds): boolean
  /** Uncounts one attempt that turned out to be right. */
  giveBack(address: string, now: LimitSeconds): void
  isSlow(address: string, now: LimitSeconds): boolean
  waitSeconds(address: string, now: LimitSeconds): number
}

/** RFC 6177: a /64 is one link, a /56 one household, a /48 one site. */
const SIZES = [
  { bits: 64, factor: 1 },
  { bits: 56, factor: 2 },
  { bits: 48, factor: 4 },
] as const

export function createAddressLimit({ most, slowAfter = Number.POSITIVE_INFINITY, windowSeconds, maxKeys }: AddressLimitOptions): AddressLimit {
  const limits = SIZES.map(({ bits, factor }) => ({ bits, factor, limit: createAttemptLimit({ most: most * factor, windowSeconds, maxKeys }) }))
  const countsOf = (address: string) =>
    limits.slice(0, address.includes(':') ? limits.length : 1).map((size) => ({ ...size, key: addressPrefix(address, size.bits) }))
  const isFull = (now: LimitSeconds) => (count: { readonly limit: AttemptLimit; readonly key: string }) => count.limit.left(count.key, now) <= 0

  return {
    take(address, now) {
      const counts = countsOf(address)
      if (counts.some(isFull(now))) return false
      for (const { limit, key } of counts) limit.take(key, now)
      return true
    },
    giveBack(address, now) {
      for (const { limit, key } of countsOf(address)) limit.giveBack(key, now)
    },
    isSlow: (address, now) => countsOf(address).some(({ limit, key, factor }) => most * factor - limit.left(key, now) > slowAfter * factor),
    waitSeconds: (address, now) =>
      Math.max(
        1,
        ...countsOf(address)
          .filter(isFull(now))
          .map(({ limit, key }) => limit.waitSeconds(key, now)),
      ),
  }
}
