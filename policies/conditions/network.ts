// IPv4 and IPv6 networks in CIDR form (RFC 4632, RFC 4291 2.3), checked and written in one way. It resolves no names.
import { isIP } from 'node:net'
import { err, ok, type Result } from '../result.ts'

/** `192.0.2.7` becomes `192.0.2.7/32`. Host bits set, zones and IPv4 inside IPv6 are mistakes. */
export function parseNetwork(text: string): Result<string, string> {
  const [address = '', length, ...rest] = text.split('/')
  const family = isIP(address)
  const bits = family === 4 ? 32 : 128
  if (family === 0 || address.includes('%') || rest.length > 0) return err(`"${text}" is not a network such as 192.0.2.0/24 or 2001:db8::/32.`)
  if (family === 6 && address.includes('.')) return err(`"${text}" holds an IPv4 address inside IPv6; write the IPv4 network.`)
  if (length !== undefined && !(/^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= bits))
    return err(`The part after "/" of "${text}" must be a number from 0 to ${bits}.`)
  const prefix = length === undefined ? bits : Number(length)
  const number = toNumber(address, family)
  const mask = ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix)
  if (number !== (number & mask)) return err(`"${text}" has address bits after the first ${prefix}; the network is ${toText(number & mask, family)}/${prefix}.`)
  // Addresses of this range reach a rule as IPv4, so such a network would never fit.
  if (family === 6 && number >> 32n === 0xffffn) return err(`"${text}" holds an IPv4 address inside IPv6; write the IPv4 network.`)
  return ok(`${toText(number, family)}/${prefix}`)
}

/** Is the address, as a socket tells it, inside? `::ffff:192.0.2.1` is the IPv4 address. False for a text that is no address. */
export function isInNetwork(ip: string, network: string): boolean {
  const address = ip.toLowerCase().replace(/^::ffff:/, '')
  const [base = '', length = ''] = network.split('/')
  const family = isIP(address)
  if (family === 0 || family !== isIP(base) || address.includes('%')) return false
  const rest = BigInt((family === 4 ? 32 : 128) - Number(length))
  return toNumber(address, family) >> rest === toNumber(base, family) >> rest
}

/** The first address of a network and the first one behind it: where an answer about networks may change. */
export function networkEdges(network: string): readonly string[] {
  const [base = '', length = ''] = network.split('/')
  const family = isIP(base)
  const bits = family === 4 ? 32 : 128
  const start = toNumber(base, family)
  const behind = start + (1n << BigInt(bits - Number(length)))
  return behind >> BigInt(bits) > 0n ? [base] : [base, toText(behind, family)]
}

function toNumber(address: string, family: number): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  if (dotted !== null) return toNumber(`${dotted[1]}0:0`, 6) | toNumber(dotted[2] ?? '', 4)
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...middle, ...right].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n)
}

// IPv6 without `::`: plain to read back, and the same bytes on every machine.
function toText(number: bigint, family: number): string {
  const [parts, width, base] = family === 4 ? [4, 8n, 10] : [8, 16n, 16]
  const values = Array.from({ length: parts }, (_, index) => (number >> (width * BigInt(parts - 1 - index))) & ((1n << width) - 1n))
  return values.map((value) => value.toString(base)).join(family === 4 ? '.' : ':')
}
