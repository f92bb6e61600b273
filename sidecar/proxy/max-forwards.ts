// `Max-Forwards` (RFC 9110 section 7.6.2): how many hops an OPTIONS request may still pass. Other methods that it applies to are never forwarded.
import type { RequestHead } from '../http/request-head.ts'

const NAME = 'max-forwards'
const HOPS = /^[0-9]{1,9}$/

/** Undefined if it is absent or not a number: then it limits nothing. */
export function readMaxForwards(rawHeaders: readonly string[]): number | undefined {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === NAME) return readHops(rawHeaders[index + 1])
  }
  return undefined
}

/** The upstream's fields, with one hop less. */
export function countDownMaxForwards({ method }: Pick<RequestHead, 'method'>, headers: string[]): string[] {
  if (method !== 'OPTIONS') return headers
  return headers.map((value, index) => {
    const hops = index % 2 === 1 && headers[index - 1]?.toLowerCase() === NAME ? readHops(value) : undefined
    return hops === undefined ? value : String(Math.max(0, hops - 1))
  })
}

function readHops(value: string | undefined): number | undefined {
  return value !== undefined && HOPS.test(value) ? Number(value) : undefined
}
