// One layout for an owner's text: two spaces, the keys of each entry in one order, comments where they belong. The meaning stays, or the text does.
import { type Document, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, Scalar, visit, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import { ok, type Result } from '../result.ts'
import { refuse, sameRules } from './checked-edit.ts'
import { restoreComments } from './comment-places.ts'
import { ENTRY_KEYS, ONLY_KEYS } from './parts.ts'
import { commentTexts, endOf, entryOf, holdsComment, itemsOf, readSource, type Source, startOf } from './source.ts'
import { applySplices, type Splice } from './splice.ts'
import { isNotText } from './write-value.ts'

/** Longer lists and maps in brackets are written over lines. */
const FLOW_MAX_CHARS = 100
/** A comment may move from a key to its map in the first layout; the second finds it at rest. */
const LAYOUTS_MAX = 4

/** The text in the one layout; its layout again is the same text. A text with mistakes, or one whose comments would be lost, is refused. */
export function formatPolicy(source: PolicyText): Result<string, Diagnostic[]> {
  const clock = { now: 0, ...source }
  const before = parsePolicy(clock)
  if (!before.ok) return before
  const text = settle(source.text)
  const after = text === undefined ? undefined : parsePolicy({ ...clock, text })
  const holds = text !== undefined && after?.ok === true && sameRules(before.value, after.value) && sameComments(source.text, text)
  return holds ? ok(text) : refuse(source, 0, 'hand_written')
}

function settle(text: string): string | undefined {
  let before = text
  for (let round = 0; round < LAYOUTS_MAX; round += 1) {
    const after = layOut(before)
    if (after === before) return after
    before = after
  }
  return undefined
}

function sameComments(one: string, other: string): boolean {
  return commentTexts(one).sort().join('\n') === commentTexts(other).sort().join('\n')
}

function layOut(text: string): string {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const document = parseDocument(plain, { version: '1.2', schema: 'core', uniqueKeys: false, keepSourceTokens: false, logLevel: 'silent' })
  // The library would print a null.
  if (document.contents === null) return plain.trim() === '' ? '' : `${plain.trim()}\n`
  if (document.directives !== undefined) Object.assign(document.directives, { docStart: null, docEnd: false })
  const source = readSource(plain)
  restoreComments(document, source)
  styleDocument(document, source)
  return closeBrackets(document.toString({ indent: 2, lineWidth: 0 }))
}

function styleDocument(document: Document.Parsed, source: Source): void {
  const { contents } = document
  if (!isMap(contents)) return
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && /^[a-z_]+$/.test(String(key.source)) && !isNotText(String(key.source))) key.type = Scalar.PLAIN
    },
  })
  contents.flow = false
  for (const list of ['shares', 'block', 'pause']) {
    const value = entryOf(contents, list)?.value
    if (!isSeq(value)) continue
    if (value.items.length > 0) overLines(value)
    for (const item of itemsOf(value)) if (isMap(item)) styleEntry(item)
  }
  for (const { value } of contents.items as Pair<Node, Node | null>[]) if (value !== null) styleValue(value, source)
}

function styleEntry(entry: YAMLMap): void {
  overLines(entry)
  sortKeys(entry, ENTRY_KEYS)
  const only = entryOf(entry, 'only')?.value
  if (isMap(only)) sortKeys(only, ONLY_KEYS)
}

/** Blank lines between the keys of one entry would stand anywhere after the sorting. */
function sortKeys(map: YAMLMap, order: readonly string[]): void {
  const rank = ({ key }: Pair) => (isScalar(key) ? order.indexOf(String(key.source ?? key.value)) : -1)
  map.items.sort((a, b) => rank(a) - rank(b))
  for (const { key } of map.items) if (isScalar(key)) key.spaceBefore = false
}

/** What stands in brackets stays so while it is short and without comments. */
function styleValue(node: Node, source: Source): void {
  if (!isSeq(node) && !isMap(node)) return
  if (node.flow === true && (node.items.length === 0 || isShort(node, source))) return
  overLines(node)
  for (const item of node.items) {
    const inner = isMap(node) ? (item as Pair<Node, Node | null>).value : (item as Node)
    if (inner !== null) styleValue(inner, source)
  }
}

/** A comment behind the bracket speaks of the whole: over lines it stands before it. */
function overLines(node: YAMLMap | YAMLSeq): void {
  if (node.flow === true && node.comment) {
    node.commentBefore = [node.commentBefore, node.comment].filter((one) => one !== undefined && one !== null).join('\n')
    node.comment = null
  }
  node.flow = false
}

function isShort(node: Node, source: Source): boolean {
  const [start, end] = [startOf(node), endOf(node)]
  return source.text.slice(start, end).replace(/\s+/g, ' ').length <= FLOW_MAX_CHARS && !holdsComment(source, start, end)
}

/** `[ a, b ]` becomes `[a, b]`; braces keep their spaces. */
function closeBrackets(text: string): string {
  const { root } = readSource(text)
  const splices: Splice[] = []
  const open: (Node | null)[] = [root ?? null]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isMap(node)) open.push(...(node.items as Pair<Node, Node | null>[]).map((pair) => pair.value))
    if (!isSeq(node)) continue
    open.push(...itemsOf(node))
    const [start, end] = [startOf(node), endOf(node)]
    if (node.flow !== true || !text.startsWith('[ ', start) || !text.slice(0, end).endsWith(' ]')) continue
    splices.push({ start: start + 1, end: start + 2, text: '' }, { start: end - 2, end: end - 1, text: '' })
  }
  return applySplices(text, splices)
}
