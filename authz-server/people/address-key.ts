// The part of a network address that one household or attacker holds: what limits are counted by.
import { addressPrefix } from '../../protocol/address.ts'

/** An IPv4 address as it is (IPv4-mapped IPv6 unwrapped), an IPv6 address as its /64. */
export function buildAddressKey(address: string): string {
  return addressPrefix(address, 64)
}
