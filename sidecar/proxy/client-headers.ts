// Builds the header of the answer to the client: the upstream's own lines as they came, without what belongs to its connection, then the sidecar's.
import { describesBody } from '../obligations/body-fields.ts'
import { isForClient, isOwnChallenge } from './header-rules.ts'

export interface ClientHeaderOptions {
  /** Names and values as the upstream sent them. */
  readonly raw: readonly Buffer[]
  /** The sidecar's own fields, a flat list. */
  readonly added: readonly string[]
  /** The body was transformed, so fields that describe the original one are dropped. */
  readonly isRewritten: boolean
}

/** A flat list of names and values. */
export function buildClientHeaders({ raw, added, isRewritten }: ClientHeaderOptions): string[] {
  const headers: string[] = []
  const nominated = nominatedBy(raw)
  const isDropped = (lower: string): boolean => nominated?.has(lower) === true || (isRewritten && describesBody(lower))
  let hasCacheControl = false
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toString('latin1') ?? ''
    if (!isForClient(name) || isDropped(name.toLowerCase())) continue
    const value = raw[index + 1]?.toString('latin1') ?? ''
    if (isOwnChallenge(name, value)) continue
    const isCacheControl = name.length === 13 && name.toLowerCase() === 'cache-control'
    hasCacheControl ||= isCacheControl
    headers.push(name, isCacheControl ? keepPrivate(value) : value)
  }
  // An answer that carries a nonce is for this caller alone (RFC 9449 section 8.2).
  if (!hasCacheControl) headers.push('cache-control', 'no-store')
  for (const field of added) headers.push(field)
  return headers
}

/** Lower-case names that this response's `Connection` lists; undefined for none. */
function nominatedBy(raw: readonly Buffer[]): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]
    if (name?.length !== 10 || name.toString('latin1').toLowerCase() !== 'connection') continue
    for (const token of raw[index + 1]?.toString('latin1').split(',') ?? []) {
      const lower = token.trim().toLowerCase()
      if (lower === 'keep-alive' || lower === 'close' || lower === '') continue
      names ??= new Set()
      names.add(lower)
    }
  }
  return names
}

/** RFC 9111 section 3.5: these let a cache between us and others keep an answer that was given to one caller. */
const LETS_OTHERS_KEEP = /^(?:public|s-maxage=.*|must-revalidate|proxy-revalidate)$/i

/** The upstream's word, but never one by which a shared cache could answer in the sidecar's place. */
export function keepPrivate(cacheControl: string): string {
  const directives = cacheControl.split(',').map((directive) => directive.trim())
  if (!directives.some((directive) => LETS_OTHERS_KEEP.test(directive))) return cacheControl
  return ['private', ...directives.filter((directive) => directive !== '' && !LETS_OTHERS_KEEP.test(directive) && directive.toLowerCase() !== 'private')].join(
    ', ',
  )
}
