// An owner's text as nodes that know their bytes, for edits in place. It judges no rule: the text was read as a policy before.
import { Composer, type CST, isMap, isScalar, isSeq, type Node, type Pair, Parser, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'

export interface Source {
  readonly text: string
  /** Undefined where the text holds nothing but comments. */
  readonly root: YAMLMap | undefined
  /** Offsets of all comments, in order. */
  readonly comments: readonly number[]
  /** The document's own line end; LF where it has none. */
  readonly lineEnd: string
}

export interface Entry {
  readonly key: Scalar
  readonly value: Node
}

export function readSource(text: string): Source {
  const tokens = [...new Parser().parse(text)]
  const [document] = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, merge: false, prettyErrors: false, logLevel: 'silent' }).compose(tokens)
  const root = isMap(document?.contents) ? document.contents : undefined
  return { text, root, comments: commentTokens(tokens).map(({ offset }) => offset), lineEnd: /\r\n|\n|\r/.exec(text)?.[0] ?? '\n' }
}

export function entriesOf(map: YAMLMap): readonly Entry[] {
  return (map.items as Pair<Node, Node | null>[]).flatMap(({ key, value }) => (isScalar(key) && value !== null ? [{ key, value }] : []))
}

export function entryOf(map: YAMLMap, key: string): Entry | undefined {
  return entriesOf(map).find((entry) => keyOf(entry) === key)
}

/** As the text writes it, quotes taken off. */
export function keyOf({ key }: Entry): string {
  return String(key.source ?? key.value)
}

export function itemsOf(node: YAMLSeq | undefined): readonly Node[] {
  return (node?.items ?? []) as Node[]
}

/** The list under a key of the document. */
export function listOf({ root }: Source, key: string): YAMLSeq | undefined {
  const value = root && entryOf(root, key)?.value
  return isSeq(value) ? value : undefined
}

export function mapAt(source: Source, list: string, index: number): YAMLMap | undefined {
  const item = itemsOf(listOf(source, list))[index]
  return isMap(item) ? item : undefined
}

export function startOf(node: Node): number {
  return (node.range ?? [0])[0]
}

/** Behind the last byte of the node itself: no comment, no line end. The library's own end of a block list holds what follows its last item. */
export function endOf(node: Node): number {
  if (isSeq(node) && node.flow !== true) return endOfLast(node.items.at(-1) as Node | undefined, node)
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1) as Pair<Node, Node | null> | undefined
    return endOfLast(last?.value ?? last?.key, node)
  }
  return node.range?.[1] ?? 0
}

function endOfLast(last: Node | undefined, collection: Node): number {
  return last === undefined ? startOf(collection) : endOf(last)
}

export function holdsComment({ comments }: Pick<Source, 'comments'>, start: number, end: number): boolean {
  return comments.some((offset) => offset >= start && offset < end)
}

export function lineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
}

/** Where the line ends, its line end not included. */
export function lineStop(text: string, offset: number): number {
  const rest = /\r\n|\n|\r/.exec(text.slice(offset))
  return rest === null ? text.length : offset + rest.index
}

/** Where the line after this place begins; a place at the beginning of a line is that place. */
export function nextLine(text: string, offset: number): number {
  if (offset > 0 && offset === lineStart(text, offset)) return offset
  const rest = /\r\n|\n|\r/.exec(text.slice(offset))
  return rest === null ? text.length : offset + rest.index + rest[0].length
}

/** Spaces up to this place of its line, as many as other lines need to stand under it. A byte order mark takes no room. */
export function indentAt(text: string, offset: number): string {
  return ' '.repeat(text.slice(lineStart(text, offset), offset).replace('\uFEFF', '').length)
}

/** With their marks, in order. */
export function commentTexts(text: string): string[] {
  return commentTokens([...new Parser().parse(text)]).map(({ source }) => source.trimEnd())
}

function commentTokens(tokens: readonly CST.Token[]): CST.SourceToken[] {
  const found: CST.SourceToken[] = []
  const open: unknown[] = [...tokens]
  for (let token = open.pop(); token !== undefined; token = open.pop()) {
    if (Array.isArray(token)) open.push(...token)
    else if (typeof token === 'object' && token !== null) {
      if ((token as CST.Token).type === 'comment') found.push(token as CST.SourceToken)
      open.push(...Object.values(token).filter((inner) => typeof inner === 'object' && inner !== null))
    }
  }
  return found.sort((a, b) => a.offset - b.offset)
}
