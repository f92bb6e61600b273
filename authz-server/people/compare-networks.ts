// Do two requests come from the same network? Only if both addresses are known to be those of clients can that be said.
import { addressPrefix } from '../../protocol/address.ts'
import { isClientAddress, type ProxyTrust } from '../../system/http/peer.ts'

export type NetworkComparison = 'same' | 'other' | 'unknown'

/** Behind a proxy that does not name its clients, everybody has the proxy's address: that must not look like one household. */
export function compareNetworks(one: string, other: string, trust: ProxyTrust): NetworkComparison {
  if (!isClientAddress(one, trust) || !isClientAddress(other, trust)) return 'unknown'
  return addressPrefix(one) === addressPrefix(other) ? 'same' : 'other'
}
