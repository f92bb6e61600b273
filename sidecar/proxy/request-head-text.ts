// Writes the head of the request to the upstream: request line, host and framing are the sidecar's own; no value can end its line.
import type { ForwardRequest } from './forwarder.ts'

export interface HeadParts extends Pick<ForwardRequest, 'method' | 'target' | 'headers' | 'body' | 'contentLength'> {
  readonly host: string
  /** The connection ends with this exchange. */
  readonly isLast: boolean
}

const TARGET = /^\/[\x21-\x7e]*$/
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** RFC 9110 section 8.6: where a body is usual, its absence is stated. */
const HAS_BODY_BY_NATURE = new Set(['POST', 'PUT', 'PATCH'])

/** Throws if something cannot be written on its line: that has been checked before, so it is a fault of ours. */
export function buildRequestHead(parts: HeadParts): string {
  if (!TARGET.test(parts.target)) throw new Error('the target of a forwarded request cannot be written')
  let text = `${parts.method} ${parts.target} HTTP/1.1\r\nhost: ${parts.host}\r\nconnection: ${parts.isLast ? 'close' : 'keep-alive'}\r\n`
  const { headers } = parts
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (!NAME.test(name) || !VALUE.test(value)) throw new Error('a field of a forwarded request cannot be written')
    text += `${name}: ${value}\r\n`
  }
  return `${text}${framingOf(parts)}\r\n`
}

function framingOf({ method, body, contentLength }: HeadParts): string {
  if (body === 'chunked') return 'transfer-encoding: chunked\r\n'
  if (body === 'length' && contentLength !== '0') return `content-length: ${contentLength}\r\n`
  return HAS_BODY_BY_NATURE.has(method) ? 'content-length: 0\r\n' : ''
}
