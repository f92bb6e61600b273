// Builds the header of the answer to the client: the upstream's own lines as they came, without what belongs to its connection, then the sidecar's.
import { describesBody } from '../obligations/body-fields.ts'
import { type AnswerRules, createAnswerRules } from './answer-rules.ts'
import { isOwnChallenge } from './header-rules.ts'

export interface ClientHeaderOptions {
  /** Names and values as the upstream sent them. */
  readonly raw: readonly Buffer[]
  /** The sidecar's own fields, a flat list. */
  readonly added: readonly string[]
  /** The body was transformed, so fields that describe the original one are dropped. */
  readonly isRewritten: boolean
  /** What the operator has configured. */
  readonly rules?: AnswerRules | undefined
}

const DEFAULT_RULES = createAnswerRules({})

/** A flat list of names and values. */
export function buildClientHeaders({ raw, added, isRewritten, rules = DEFAULT_RULES }: ClientHeaderOptions): string[] {
  const headers: string[] = []
  const nominated = nominatedBy(raw)
  const isDropped = (lower: string): boolean => nominated?.has(lower) === true || (isRewritten && describesBody(lower))
  const varies = new Set<string>()
  let hasCacheControl = false
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toString('latin1') ?? ''
    const kind = rules.kindOf(name)
    if (kind === 'drop' || isDropped(name.toLowerCase())) continue
    const value = raw[index + 1]?.toString('latin1') ?? ''
    if (kind === 'challenge' && isOwnChallenge(value)) continue
    if (kind === 'vary') noteVary(varies, value)
    hasCacheControl ||= kind === 'cache-control'
    headers.push(name, rules.rewrite(kind, value))
  }
  // An answer that carries a nonce is for this caller alone (RFC 9449 section 8.2).
  if (!hasCacheControl) headers.push('cache-control', 'no-store')
  addVary(headers, varies, added)
  return headers
}

/** Apart from the address, these decide about an answer: who asks, and for what purpose. A proof differs for each request and decides nothing by itself. */
const DECIDING_FIELDS = ['Authorization', 'Latchkey-Purpose']

function noteVary(varies: Set<string>, value: string): void {
  for (const name of value.split(',')) varies.add(name.trim().toLowerCase())
}

/** The sidecar's own fields, and in `Vary` what is not there yet. */
function addVary(headers: string[], varies: ReadonlySet<string>, added: readonly string[]): void {
  const missing = [...DECIDING_FIELDS]
  for (let index = 0; index < added.length; index += 2) {
    const [name = '', value = ''] = [added[index], added[index + 1]]
    if (name === 'vary') missing.push(value)
    else headers.push(name, value)
  }
  const names = varies.has('*') ? [] : missing.filter((name) => !varies.has(name.toLowerCase()))
  if (names.length > 0) headers.push('vary', names.join(', '))
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
