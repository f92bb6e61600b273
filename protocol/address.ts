// IP addresses and networks: the one type that sockets, proxies' headers, rules, limits and logs share. Resolves no names.
import ipaddr from 'ipaddr.js'
import { err, ok, type Result } from './result.ts'

/**
 * An IP address in its one canonical form: dotted decimal for IPv4, RFC 5952 for IPv6, without a zone.
 * An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is the IPv4 address it stands for.
 */
export type IpAddress = string & { readonly form: 'ip-address' }

/** A network in CIDR form (RFC 4632, RFC 4291 section 2.3), e.g. `192.0.2.0/24` or `2001:db8:0:0:0:0:0:0/32`. */
export type IpNetwork = string & { readonly form: 'ip-network' }

const IPV4_BITS = 32
const IPV6_BITS = 128
/** Longer than any address with a zone that an operating system writes. */
const ADDRESS_MAX_CHARACTERS = 64

type Parsed = ipaddr.IPv4 | ipaddr.IPv6

/**
 * Reads an address as a socket, a header field or a person writes it. Strict: no octal, hexadecimal or short IPv4 forms,
 * no brackets, no port. A zone (`fe80::1%eth0`) is dropped, since it means something on one machine alone.
 *
 * @returns undefined if the string is not an IP address
 */
export function parseIpAddress(text: string | undefined): IpAddress | undefined {
  const parsed = text === undefined ? undefined : parse(text)
  return parsed?.toString() as IpAddress | undefined
}

/**
 * Reads a network; a single address is a network of one. Host bits, zones and IPv4 inside IPv6 are mistakes.
 *
 * @returns the canonical network, or a sentence that names the mistake and the form that is meant
 */
export function parseIpNetwork(text: string): Result<IpNetwork, string> {
  const [base = '', length, ...rest] = text.split('/')
  const address = base.includes('%') || rest.length > 0 ? undefined : parseAsWritten(base)
  if (address === undefined) return err(`"${text}" is not a network such as 192.0.2.0/24 or 2001:db8::/32.`)
  if (isMapped(address)) return err(`"${text}" contains an IPv4 address in IPv6 notation; write ${describeMapped(address, length)}.`)
  const bits = bitsOf(address)
  if (length !== undefined && !(/^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= bits))
    return err(`The part after "/" of "${text}" must be a number from 0 to ${bits}.`)
  const prefix = length === undefined ? bits : Number(length)
  const first = maskedTo(address, prefix)
  if (first.toNormalizedString() === address.toNormalizedString()) return ok(`${address.toNormalizedString()}/${prefix}` as IpNetwork)
  return err(`"${text}" has address bits after the first ${prefix}; the network is ${first.toNormalizedString()}/${prefix}.`)
}

/** Is the address inside the network? False for a string that is not an address. Accepts any spelling that `parseIpAddress` reads. */
export function isInIpNetwork(address: string, network: string): boolean {
  const parsed = parse(address)
  const [base = '', length = ''] = network.split('/')
  const start = parseAsWritten(base)
  if (parsed === undefined || start === undefined || parsed.kind() !== start.kind()) return false
  return parsed.match(start as never, Number(length))
}

/** The first address of a network, and the first one after it if there is one: where an answer about networks may change. */
export function ipNetworkEdges(network: string): readonly IpAddress[] {
  const [base = '', length = ''] = network.split('/')
  const start = parseAsWritten(base)
  if (start === undefined) return []
  const bytes = start.toByteArray()
  let index = Math.ceil(Number(length) / 8) - 1
  let step = 1 << ((8 - (Number(length) % 8)) % 8)
  // Adds one at the last bit of the prefix and carries to the left.
  while (index >= 0) {
    const sum = (bytes[index] ?? 0) + step
    bytes[index] = sum % 256
    if (sum < 256) return [canonical(start), canonical(ipaddr.fromByteArray(bytes))]
    index -= 1
    step = 1
  }
  return [canonical(start)]
}

/**
 * The part of an address that one household or one attacker holds, for limits: an IPv4 address whole, an IPv6 address cut
 * to `ipv6PrefixBits` (a /64 is one link, a /56 one household, a /48 one site: RFC 6177). Strings that are not addresses share one key.
 */
export function addressPrefix(address: string, ipv6PrefixBits: 48 | 56 | 64 = 64): string {
  const parsed = parse(address)
  if (parsed === undefined) return 'unknown'
  return parsed.kind() === 'ipv4' ? parsed.toString() : `${maskedTo(parsed, ipv6PrefixBits).toString()}/${ipv6PrefixBits}`
}

/** An address of this machine's own loopback interface (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopbackAddress(address: string): boolean {
  return parse(address)?.range() === 'loopback'
}

function parse(text: string): Parsed | undefined {
  const zone = text.indexOf('%')
  const parsed = parseAsWritten(zone < 0 ? text : text.slice(0, zone))
  if (zone >= 0 && parsed?.kind() !== 'ipv6') return undefined
  return parsed !== undefined && isMapped(parsed) ? parsed.toIPv4Address() : parsed
}

function parseAsWritten(text: string): Parsed | undefined {
  if (text.length > ADDRESS_MAX_CHARACTERS || text.includes('%')) return undefined
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return text.includes(':') && ipaddr.IPv6.isValid(text) && hasStrictTail(text) ? ipaddr.IPv6.parse(text) : undefined
}

/** The dotted part of an IPv6 address follows the rules of an IPv4 address (RFC 4291 section 2.2). */
function hasStrictTail(text: string): boolean {
  return !text.includes('.') || ipaddr.IPv4.isValidFourPartDecimal(text.slice(text.lastIndexOf(':') + 1))
}

function isMapped(address: Parsed): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress()
}

function describeMapped(address: ipaddr.IPv6, length: string | undefined): string {
  const ipv4 = address.toIPv4Address().toString()
  const prefix = Number(length) - (IPV6_BITS - IPV4_BITS)
  return Number.isInteger(prefix) && prefix >= 0 && prefix <= IPV4_BITS ? `the IPv4 network, ${ipv4}/${prefix}` : `the IPv4 address, ${ipv4}`
}

function bitsOf(address: Parsed): number {
  return address.kind() === 'ipv4' ? IPV4_BITS : IPV6_BITS
}

function maskedTo(address: Parsed, prefix: number): Parsed {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefix - index * 8))
    return byte & (0xff << (8 - kept)) & 0xff
  })
  return ipaddr.fromByteArray(bytes)
}

function canonical(address: Parsed): IpAddress {
  return address.toString() as IpAddress
}
