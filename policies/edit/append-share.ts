// Adds a share to an owner's text and leaves every other byte as it was: comments, order, spacing, line ends. It never prints the document anew.
import { isMap, isScalar, isSeq, parseDocument, type Range, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'
import { parsePolicy } from '../parse-policy.ts'
import { err, ok, type Result } from '../result.ts'
import { type NewShare, shareEntries } from './share-text.ts'

const FILE = 'policy.yaml'

/** The new text. A text that is wrong before or would be wrong after is answered with its diagnostics, and nothing is changed. */
export function appendShare(text: string, share: NewShare, file = FILE): Result<string, Diagnostic[]> {
  const before = parsePolicy({ text, file })
  if (!before.ok) return before
  const after = splice(text, shareEntries(share))
  const parsed = parsePolicy({ text: after, file })
  if (!parsed.ok) return parsed
  const added = parsed.value.shares.length - before.value.shares.length
  return added === 1
    ? ok(after)
    : err([{ file, line: 1, column: 1, code: 'yaml_syntax', message: 'The share could not be added to this text; add it by hand.' }])
}

type Entries = ReturnType<typeof shareEntries>

function splice(text: string, entries: Entries): string {
  const root = parseDocument(text, { keepSourceTokens: false }).contents
  const end = lineEnd(text)
  if (!isMap(root)) return `${withLineEnd(text, end)}version: 1${end}shares:${end}${blockItem(entries, '  ', end)}`
  const pair = (root as YAMLMap).items.find((item) => isScalar(item.key) && item.key.value === 'shares')
  if (pair === undefined) return addKey(text, root as YAMLMap, entries)
  const list = pair.value
  // The text was right before, so there is a list; an empty one is always of the flow form.
  if (!isSeq(list)) return text
  return list.flow === true ? addToFlow(text, list, entries) : addToBlock(text, list, entries)
}

function addToBlock(text: string, list: YAMLSeq, entries: Entries): string {
  const last = list.items.at(-1) as { readonly range?: Range | null } | null | undefined
  const start = (list.range ?? [0])[0]
  const indent = text.slice(lineStart(text, start), start)
  const at = nextLine(text, last?.range?.[1] ?? start)
  return insertLines(text, at, blockItem(entries, indent, lineEnd(text)))
}

function addToFlow(text: string, list: YAMLSeq, entries: Entries): string {
  const last = list.items.at(-1) as { readonly range?: Range | null } | undefined
  const at = last?.range?.[1] ?? (list.range ?? [0])[0] + 1
  return `${text.slice(0, at)}${last === undefined ? '' : ', '}${flowItem(entries)}${text.slice(at)}`
}

function addKey(text: string, root: YAMLMap, entries: Entries): string {
  const range = root.range ?? ([0, text.length, text.length] as const)
  const end = lineEnd(text)
  if (root.flow === true) {
    const at = text.lastIndexOf('}', range[1])
    const comma = root.items.length > 0 ? ', ' : ' '
    return `${text.slice(0, at)}${comma}shares: [${flowItem(entries)}] ${text.slice(at)}`
  }
  const indent = text.slice(lineStart(text, range[0]), range[0]).replace(/[^ ]/g, '')
  const last = root.items.at(-1)?.value as { readonly range?: Range | null } | null | undefined
  const at = nextLine(text, last?.range?.[1] ?? range[1])
  return insertLines(text, at, `${indent}shares:${end}${blockItem(entries, `${indent}  `, end)}`)
}

function blockItem(entries: Entries, indent: string, end: string): string {
  return entries.map(([key, value], index) => `${indent}${index === 0 ? '- ' : '  '}${key}: ${value}${end}`).join('')
}

function flowItem(entries: Entries): string {
  return `{ ${entries.map(([key, value]) => `${key}: ${value}`).join(', ')} }`
}

function insertLines(text: string, at: number, lines: string): string {
  return `${withLineEnd(text.slice(0, at), lineEnd(text))}${lines}${text.slice(at)}`
}

function withLineEnd(text: string, end: string): string {
  return text === '' || /[\r\n]$/.test(text) ? text : `${text}${end}`
}

/** The document's own line end; LF where it has none. */
function lineEnd(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? '\n'
}

function lineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
}

/** Where the line after this place begins; a place at the beginning of a line is that place. */
function nextLine(text: string, offset: number): number {
  if (offset > 0 && offset === lineStart(text, offset)) return offset
  const rest = /\r\n|\n|\r/.exec(text.slice(offset))
  return rest === null ? text.length : offset + rest.index + rest[0].length
}
