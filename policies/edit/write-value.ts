// A new value in the manner of the one that it takes the place of: lists over lines stay so, words that stay keep their quotes. It knows no document.
import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Written } from '../conditions/condition-kind.ts'
import { flowText } from './share-text.ts'
import { endOf, entriesOf, indentAt, itemsOf, keyOf, type Source, startOf } from './source.ts'

// Read as text in every place where a word may stand; all else is put in quotes.
const PLAIN_WORD = /^[A-Za-z$][A-Za-z0-9_.@/-]*$/
const NOT_A_TEXT = /^(?:null|true|false|~)$/i

/** Words that stand for something else where they stand without quotes. */
export function isNotText(word: string): boolean {
  return NOT_A_TEXT.test(word)
}

/** Is it a list or a map over lines, so that it needs the lines that it has? */
export function isBlock(node: Node): boolean {
  return (isSeq(node) || isMap(node)) && node.flow !== true
}

/** In place of `old`, from its first byte to `endOf`. */
export function writeValue(value: Written, old: Node, source: Source): string {
  const before = `${source.lineEnd}${indentAt(source.text, startOf(old))}`
  if (isSeq(old) && isList(value)) {
    const items = value.map((one) => writeItem(one, itemsOf(old), source))
    return isBlock(old) ? items.map((item) => `- ${item}`).join(before) : `[${items.join(', ')}]`
  }
  if (isMap(old) && typeof value === 'object' && !isList(value)) {
    const entries = Object.entries(value).map(([key, one]) => `${ownKey(old, key, source)}: ${writeItem(one, ownValue(old, key), source)}`)
    return isBlock(old) ? entries.join(before) : `{ ${entries.join(', ')} }`
  }
  return writeFlow(value, source)
}

/** On one line. In a text that is JSON it stays JSON. */
export function writeFlow(value: Written, source: Pick<Source, 'root' | 'text'>): string {
  if (isJson(source)) return JSON.stringify(value) === undefined ? '' : flowJson(value)
  if (typeof value === 'string') return PLAIN_WORD.test(value) && !isNotText(value) ? value : flowText(value)
  if (isList(value)) return `[${value.map((one) => writeFlow(one, source)).join(', ')}]`
  if (typeof value !== 'object') return flowText(value)
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${writeKey(key, source)}: ${writeFlow(one, source)}`)
    .join(', ')} }`
}

export function writeKey(key: string, source: Pick<Source, 'root' | 'text'>): string {
  return isJson(source) || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? flowText(key) : key
}

/** All in braces and its first key in quotes. */
function isJson({ root, text }: Pick<Source, 'root' | 'text'>): boolean {
  const [first] = root === undefined ? [] : entriesOf(root)
  return root?.flow === true && first !== undefined && text[startOf(first.key)] === '"'
}

function flowJson(value: Written): string {
  if (isList(value)) return `[${value.map(flowJson).join(', ')}]`
  if (typeof value !== 'object') return flowText(value)
  return `{${Object.entries(value)
    .map(([key, one]) => `${flowText(key)}: ${flowJson(one)}`)
    .join(', ')}}`
}

/** A word that stood there keeps its bytes. */
function writeItem(value: Written, old: readonly Node[], source: Source): string {
  const same = old.find((node) => isScalar(node) && node.value === value && !source.text.slice(startOf(node), endOf(node)).match(/[\r\n]/))
  return same === undefined ? writeFlow(value, source) : source.text.slice(startOf(same), endOf(same))
}

function ownValue(map: Node, key: string): readonly Node[] {
  return isMap(map) ? entriesOf(map).flatMap((entry) => (keyOf(entry) === key ? [entry.value] : [])) : []
}

function ownKey(map: Node, key: string, source: Source): string {
  const same = isMap(map) ? entriesOf(map).find((entry) => keyOf(entry) === key) : undefined
  return same === undefined ? writeKey(key, source) : source.text.slice(startOf(same.key), endOf(same.key))
}

function isList(value: Written): value is readonly Written[] {
  return Array.isArray(value)
}
