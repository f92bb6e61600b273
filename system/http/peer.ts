// Who sent a request: the address of the client, and whether that is known. Reads what trusted proxies say about it; believes nobody else.
import { type IpAddress, type IpNetwork, isInIpNetwork, isLoopbackAddress } from '../../protocol/address.ts'
import { type Hop, readForwarded, readForwardedFor } from './forwarding-headers.ts'

export interface Peer {
  /** The client's address. Where it is not known, the address of the nearest proxy; empty if the connection is already gone. */
  readonly address: IpAddress | ''
  /**
   * `client`: the address is the client's own. `loopback`: a program on this machine, which may be a proxy that nobody configured.
   * `proxy`: a trusted proxy that did not say, or did not say clearly, for whom it asks.
   */
  readonly kind: 'client' | 'loopback' | 'proxy'
}

export type ClientAddressHeader = 'forwarded' | 'x-forwarded-for'

export interface ProxyTrust {
  /** Proxies whose word about the client is believed. */
  readonly networks: readonly IpNetwork[]
  /** The one header field to read. Without it both are read, and they must agree. */
  readonly header?: ClientAddressHeader
}

/** The connection that a request came on. */
export interface Origin {
  readonly address: IpAddress | ''
  /** Said by the PROXY protocol: the proxy did not know the client, so header fields on this connection may be anybody's. */
  readonly isHidden?: boolean
}

/** Proxies in a row; a longer chain is not believed. */
const HOPS_MAX = 32

export function isTrusted(address: string, { networks }: ProxyTrust): boolean {
  return networks.some((network) => isInIpNetwork(address, network))
}

export function readPeer(origin: Origin, rawHeaders: readonly string[], trust: ProxyTrust): Peer {
  if (origin.isHidden) return { address: origin.address, kind: 'proxy' }
  if (!isTrusted(origin.address, trust)) return direct(origin.address)
  const answers: Peer[] = []
  for (const { name, read } of HEADERS) {
    if (trust.header !== undefined && trust.header !== name) continue
    const hops = read(valuesOf(name, rawHeaders), HOPS_MAX)
    if (hops.length > 0) answers.push(follow(origin.address, hops, trust))
  }
  const [first, second] = answers
  // A proxy usually writes one field and passes the other on as the client sent it. Which one is which cannot be seen here.
  if (first === undefined || (second !== undefined && !isSame(first, second))) return { address: origin.address, kind: 'proxy' }
  return first
}

/** True for the fields that say something about the client, whoever wrote them. */
export function hasForwardingHeader(rawHeaders: readonly string[]): boolean {
  return HEADERS.some(({ name }) => valuesOf(name, rawHeaders).length > 0)
}

const HEADERS: readonly { readonly name: ClientAddressHeader; readonly read: (values: readonly string[], max: number) => readonly Hop[] }[] = [
  { name: 'x-forwarded-for', read: readForwardedFor },
  { name: 'forwarded', read: readForwarded },
]

/** False for an address that may be that of a proxy, so that it says nothing about where a client is. */
export function isClientAddress(address: string, trust: ProxyTrust): boolean {
  return address !== '' && !isLoopbackAddress(address) && !isTrusted(address, trust)
}

/** From the nearest hop to the farthest one that somebody trusted has named. */
function follow(start: Origin['address'], hops: readonly Hop[], trust: ProxyTrust): Peer {
  let nearest = start
  for (const hop of hops) {
    if (hop === undefined) return { address: nearest, kind: 'proxy' }
    if (!isTrusted(hop, trust)) return direct(hop)
    nearest = hop
  }
  // Every hop is trusted: the farthest one is the client, unless the chain is too long to be followed to its end.
  return hops.length < HOPS_MAX ? direct(nearest) : { address: nearest, kind: 'proxy' }
}

function direct(address: Origin['address']): Peer {
  return { address, kind: isLoopbackAddress(address) ? 'loopback' : 'client' }
}

function isSame(one: Peer, other: Peer): boolean {
  return one.address === other.address && one.kind === other.kind
}

function valuesOf(name: ClientAddressHeader, rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] ?? ''
    if (field.length === name.length && field.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}
