// One item of a JSON manifest as a row with places. The text is short and shallow by now (read-json-list.ts).
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { MANIFEST_FIELDS, type ManifestError, type Position, type RawRow } from './manifest-row.ts'
import type { JsonItem } from './read-json-list.ts'

export type JsonRow =
  | { readonly kind: 'row'; readonly row: RawRow }
  | { readonly kind: 'bad_row'; readonly error: ManifestError }
  /** Not JSON: where this item ends, and so where the next ones begin, cannot be known. */
  | { readonly kind: 'not_json'; readonly error: ManifestError }

export function readJsonRow(item: JsonItem): JsonRow {
  const placeOf = (offset: number) => placeIn(item, offset)
  const errors: ParseError[] = []
  const tree = parseTree(item.text, errors, { allowTrailingComma: false, disallowComments: true })
  const value = parseStrictly(item.text)
  if (tree === undefined || errors.length > 0 || value === undefined) {
    const [first] = errors
    const what = first === undefined ? 'an unusual number, escape or control character' : printParseErrorCode(first.error)
    return { kind: 'not_json', error: { ...placeOf(first?.offset ?? 0), code: 'manifest_malformed', message: `this is not JSON (${what})` } }
  }
  if (tree.type !== 'object')
    return { kind: 'bad_row', error: { ...item.at, code: 'row_malformed', message: 'each device is an object with id, kind, model and jkt or jwk' } }
  return readMembers(tree, { item, value: value.parsed as Readonly<Record<string, unknown>>, placeOf })
}

interface Reading {
  readonly item: JsonItem
  readonly value: Readonly<Record<string, unknown>>
  readonly placeOf: (offset: number) => Position
}

function readMembers(tree: Node, { item, value, placeOf }: Reading): JsonRow {
  const cells = new Map<string, { readonly value: unknown; readonly at: Position }>()
  for (const { children: [key, member] = [] } of tree.children ?? []) {
    const name = String(key?.value)
    const keyAt = placeOf(key?.offset ?? 0)
    const unknown = (message: string): JsonRow => ({ kind: 'bad_row', error: { ...keyAt, code: 'column_unknown', message } })
    if (!(MANIFEST_FIELDS as readonly string[]).includes(name)) return unknown(`unknown member ${quote(name)}; the members are ${MANIFEST_FIELDS.join(', ')}`)
    if (cells.has(name)) return unknown(`member ${quote(name)} appears twice: keep the correct one`)
    if (hasRepeats(member)) return unknown(`a member of ${quote(name)} appears twice: keep the correct one`)
    // Of JSON.parse, which makes an own member of every name, `__proto__` too.
    cells.set(name, { value: value[name], at: placeOf(member?.offset ?? 0) })
  }
  return { kind: 'row', row: { at: item.at, cells } }
}

/** Of the value itself: a key has no members that are objects. */
function hasRepeats(member: Node | undefined): boolean {
  const names = (member?.type === 'object' ? (member.children ?? []) : []).map(({ children: [key] = [] }) => String(key?.value))
  return new Set(names).size < names.length
}

function parseStrictly(text: string): { readonly parsed: unknown } | undefined {
  try {
    return { parsed: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

function placeIn({ text, at }: JsonItem, offset: number): Position {
  const before = text.slice(0, offset).split('\n')
  const last = before.at(-1) ?? ''
  return before.length === 1 ? { line: at.line, column: at.column + last.length } : { line: at.line + before.length - 1, column: last.length + 1 }
}

/** A file may name its members at any length. */
function quote(name: string): string {
  const text = JSON.stringify(name)
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text
}
