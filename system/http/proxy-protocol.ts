// Reads the header of the PROXY protocol, versions 1 and 2 (HAProxy, "The PROXY protocol", sections 2.1 and 2.2), from the first bytes of a connection. Pure.
import { type IpAddress, parseIpAddress } from '../../protocol/address.ts'

/** Room for the addresses and for what load balancers add to them; the specification would allow 65,551. */
export const PROXY_HEADER_MAX_BYTES = 4096

export type ProxyHeader =
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed' }
  /** `source` is undefined where the proxy does not know it, or asks for itself. */
  | { readonly kind: 'complete'; readonly bytes: number; readonly source: IpAddress | undefined }

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const FIXED_BYTES = 16
const ADDRESSES_BYTES = { ipv4: 12, ipv6: 36, unix: 216 } as const
const LINE_START = Buffer.from('PROXY ', 'latin1')
const LINE_MAX_BYTES = 107

const INCOMPLETE: ProxyHeader = { kind: 'incomplete' }
const MALFORMED: ProxyHeader = { kind: 'malformed' }

export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, SIGNATURE)) return bytes.length < FIXED_BYTES ? INCOMPLETE : parseBinary(bytes)
  return startsLike(bytes, LINE_START) ? parseLine(bytes) : MALFORMED
}

/** Also for fewer bytes than the pattern has. */
function startsLike(bytes: Buffer, pattern: Buffer): boolean {
  const length = Math.min(bytes.length, pattern.length)
  return bytes.subarray(0, length).equals(pattern.subarray(0, length))
}

function parseBinary(bytes: Buffer): ProxyHeader {
  const command = bytes.readUInt8(12)
  const family = bytes.readUInt8(13)
  const total = FIXED_BYTES + bytes.readUInt16BE(14)
  if ((command !== 0x20 && command !== 0x21) || total > PROXY_HEADER_MAX_BYTES) return MALFORMED
  if (bytes.length < total) return INCOMPLETE
  const rest = bytes.subarray(FIXED_BYTES, total)
  // LOCAL: the proxy's own connection, such as a health check. What follows is to be skipped.
  if (command === 0x20) return { kind: 'complete', bytes: total, source: undefined }
  switch (family) {
    case 0x00:
      return { kind: 'complete', bytes: total, source: undefined }
    case 0x11:
      return hasExtensions(rest, ADDRESSES_BYTES.ipv4) ? withSource(total, [...rest.subarray(0, 4)].join('.')) : MALFORMED
    case 0x21:
      return hasExtensions(rest, ADDRESSES_BYTES.ipv6) ? withSource(total, formatIpv6(rest.subarray(0, 16))) : MALFORMED
    case 0x31:
      return hasExtensions(rest, ADDRESSES_BYTES.unix) ? { kind: 'complete', bytes: total, source: undefined } : MALFORMED
    default:
      return MALFORMED
  }
}

function withSource(bytes: number, text: string): ProxyHeader {
  const source = parseIpAddress(text)
  return source === undefined ? MALFORMED : { kind: 'complete', bytes, source }
}

/** Type, length and value, one after the other, exactly to the end. */
function hasExtensions(rest: Buffer, start: number): boolean {
  let at = start
  while (at + 3 <= rest.length) at += 3 + rest.readUInt16BE(at + 1)
  return at === rest.length
}

function formatIpv6(bytes: Buffer): string {
  return Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16)).join(':')
}

function parseLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, LINE_MAX_BYTES).indexOf('\r\n', 0, 'latin1')
  if (end < 0) return bytes.length < LINE_MAX_BYTES ? INCOMPLETE : MALFORMED
  const line = bytes.subarray(0, end).toString('latin1')
  if (/^PROXY UNKNOWN(?: [\x20-\x7e]*)?$/.test(line)) return { kind: 'complete', bytes: end + 2, source: undefined }
  const [, family, from = '', to = '', ...ports] = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line) ?? []
  const isOfFamily = (text: string) => text.includes(':') === (family === '6') && parseIpAddress(text) !== undefined
  if (family === undefined || !isOfFamily(from) || !isOfFamily(to) || !ports.every(isPort)) return MALFORMED
  return withSource(end + 2, from)
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(text) && Number(text) <= 65_535
}
