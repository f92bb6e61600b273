// Adds an entry to a list at the top of an owner's text, and the list where there is none. It never prints the document anew.
import { isMap, isScalar, isSeq, parseDocument, type Range, type YAMLMap, type YAMLSeq } from 'yaml'
import type { ListName } from './parts.ts'
import { lineStart, nextLine } from './source.ts'

/** Keys with their values, which stand on one line. */
export type EntryTexts = readonly (readonly [key: string, value: string])[]

/** As it is called, and what it holds. */
export interface NewItem {
  readonly list: ListName
  readonly entries: EntryTexts
}

/** For a text that was read without complaint. */
export function appendEntry(text: string, item: NewItem): string {
  const root = parseDocument(text, { keepSourceTokens: false, logLevel: 'silent' }).contents
  const end = lineEnd(text)
  if (!isMap(root)) return `${withLineEnd(text, end)}version: 1${end}${item.list}:${end}${blockItem(item.entries, '  ', end)}`
  const pair = (root as YAMLMap).items.find((one) => isScalar(one.key) && one.key.value === item.list)
  if (pair === undefined) return addKey(text, root as YAMLMap, item)
  const list = pair.value
  // The text was right before, so there is a list; an empty one is always of the flow form.
  if (!isSeq(list)) return text
  return list.flow === true ? addToFlow(text, list, item.entries) : addToBlock(text, list, item.entries)
}

function addToBlock(text: string, list: YAMLSeq, entries: EntryTexts): string {
  const last = list.items.at(-1) as { readonly range?: Range | null } | null | undefined
  const start = (list.range ?? [0])[0]
  const indent = text.slice(lineStart(text, start), start)
  const at = nextLine(text, last?.range?.[1] ?? start)
  return insertLines(text, at, blockItem(entries, indent, lineEnd(text)))
}

function addToFlow(text: string, list: YAMLSeq, entries: EntryTexts): string {
  const last = list.items.at(-1) as { readonly range?: Range | null } | undefined
  const at = last?.range?.[1] ?? (list.range ?? [0])[0] + 1
  return `${text.slice(0, at)}${last === undefined ? '' : ', '}${flowItem(entries)}${text.slice(at)}`
}

function addKey(text: string, root: YAMLMap, { list, entries }: NewItem): string {
  const range = root.range ?? ([0, text.length, text.length] as const)
  const end = lineEnd(text)
  if (root.flow === true) {
    const at = text.lastIndexOf('}', range[1])
    const comma = root.items.length > 0 ? ', ' : ' '
    return `${text.slice(0, at)}${comma}${list}: [${flowItem(entries)}] ${text.slice(at)}`
  }
  const indent = text.slice(lineStart(text, range[0]), range[0]).replace(/[^ ]/g, '')
  const last = root.items.at(-1)?.value as { readonly range?: Range | null } | null | undefined
  const at = nextLine(text, last?.range?.[1] ?? range[1])
  return insertLines(text, at, `${indent}${list}:${end}${blockItem(entries, `${indent}  `, end)}`)
}

function blockItem(entries: EntryTexts, indent: string, end: string): string {
  return entries.map(([key, value], index) => `${indent}${index === 0 ? '- ' : '  '}${key}: ${value}${end}`).join('')
}

function flowItem(entries: EntryTexts): string {
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
