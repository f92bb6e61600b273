// Fields that every hop adds to or counts down: `Via` (RFC 9110 section 7.6.3) and `Max-Forwards` (section 7.6.2).
import type { RequestHead } from '../http/request-head.ts'

const MAX_FORWARDS = 'max-forwards'
const HOPS = /^[0-9]{1,9}$/
/** A pseudonym: the name of this host is nobody's business. */
const OWN_HOP = '1.1 latchkey'

/** Undefined if it is absent or not a number: then it limits nothing. */
export function readMaxForwards(rawHeaders: readonly string[]): number | undefined {
  const [value] = valuesOf(rawHeaders, MAX_FORWARDS)
  return readHops(value)
}

/** Adds this hop to the fields that the upstream gets. */
export function addHop({ method, rawHeaders }: Pick<RequestHead, 'method' | 'rawHeaders'>, headers: string[]): string[] {
  headers.push('Via', [...valuesOf(rawHeaders, 'via'), OWN_HOP].join(', '))
  // Of the methods that it applies to, only OPTIONS is forwarded.
  return method === 'OPTIONS' ? countDown(headers) : headers
}

function countDown(headers: readonly string[]): string[] {
  return headers.map((value, index) => {
    const hops = index % 2 === 1 && headers[index - 1]?.toLowerCase() === MAX_FORWARDS ? readHops(value) : undefined
    return hops === undefined ? value : String(Math.max(0, hops - 1))
  })
}

function readHops(value: string | undefined): number | undefined {
  return value !== undefined && HOPS.test(value) ? Number(value) : undefined
}

function valuesOf(rawHeaders: readonly string[], lowerCaseName: string): string[] {
  const values: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}
