// Reads a query for a route that has conditions on it. What upstreams could read in different ways is refused, never interpreted.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { ReadQuery } from './query-rules.ts'

/** `query`: with its question mark, or empty. `listed`: the members that some route of this path has conditions on. */
export function readQuery(query: string, listed: ListedMembers): Result<ReadQuery, 'query_ambiguous'> {
  const members = new Map<string, string>()
  const names = new Set<string>()
  if (query.length <= 1) return ok({ members, names })
  // Some servers split at a semicolon too.
  if (query.includes(';')) return err('query_ambiguous')
  for (const text of query.slice(1).split('&')) {
    const field = readField(text)
    if (field === undefined || members.has(field.name) || listed.looksLikeAnother(field.name)) return err('query_ambiguous')
    names.add(field.name)
    if (!listed.names.has(field.name)) continue
    if (!field.isPlain) return err('query_ambiguous')
    members.set(field.name, field.value)
  }
  return ok({ members, names })
}

interface Field {
  readonly name: string
  readonly value: string
  readonly isPlain: boolean
}

/** Undefined where the name or an escape can be read in two ways. */
function readField(text: string): Field | undefined {
  const equals = text.indexOf('=')
  const name = decode(equals < 0 ? text : text.slice(0, equals))
  const raw = equals < 0 ? '' : text.slice(equals + 1)
  const value = decode(raw)
  if (name === undefined || value === undefined || name === '' || !isPlainName(name)) return undefined
  return { name, value, isPlain: isPlainValue(raw, value) }
}

/** Undefined for a broken escape or a sequence that is not UTF-8. A plus sign is left as it is. */
function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** A plus sign may be a space, an escape that is left could be decoded a second time, and controls end names in some readers. */
function isPlainName(name: string): boolean {
  return !/[%+]|\p{Cc}|^\s|\s$/u.test(name)
}

function isPlainValue(raw: string, value: string): boolean {
  return !raw.includes('+') && !/[%\\]|\p{Cc}|^\s|\s$/u.test(value)
}

export interface ListedMembers {
  readonly names: ReadonlySet<string>
  /** True for a name that is not listed, but that some upstream reads as a listed one: `CMD`, `cmd[]`, `cmd[0]`, `cmd.x`. */
  readonly looksLikeAnother: (name: string) => boolean
}

export function listMembers(names: Iterable<string>): ListedMembers {
  const listed = new Set(names)
  const foldings = new Set([...listed].flatMap(foldingsOf))
  return { names: listed, looksLikeAnother: (name) => !listed.has(name) && foldingsOf(name).some((folding) => foldings.has(folding)) }
}

/** Case, Unicode compatibility, the index of a list, and the characters that PHP replaces. */
export function foldingsOf(name: string): readonly string[] {
  const plain = name.normalize('NFKC').toLowerCase().trim()
  const base = plain.split(/[[\].]/, 1)[0] ?? ''
  return [...new Set([plain.replace(/[\s.[]/g, '_'), base.replace(/\s/g, '_')])].filter((folding) => folding !== '')
}
