// Gives comments that stand behind a list or a map to whom their indent says. The YAML library hands all lines that follow each other to the innermost.
import { type Document, isMap, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { endOf, indentAt, lineStop, type Source, startOf } from './source.ts'

/** A collection around the comment, and who there has a comment of this column. */
interface Level {
  readonly column: number
  readonly take: (lines: readonly string[]) => void
}

export function restoreComments(document: Document.Parsed, source: Source): void {
  const { contents } = document
  const end: Level = { column: -1, take: (lines) => (document.comment = join(lines, document.comment)) }
  if (isMap(contents)) restoreIn(contents, [end], source)
}

type Collection = YAMLMap | YAMLSeq

function restoreIn(node: Collection, outer: readonly Level[], source: Source): void {
  const column = indentAt(source.text, startOf(node)).length
  for (const [index, child] of childrenOf(node).entries()) {
    if (!(isMap(child) || isSeq(child)) || child.flow === true) continue
    const next = headOf(node, index + 1)
    const take = (lines: readonly string[]) => {
      if (next === undefined) node.comment = join(lines, node.comment)
      else next.commentBefore = join(lines, next.commentBefore)
    }
    const levels = [...outer, { column, take }]
    restoreIn(child, levels, source)
    handOut(child, levels, source)
  }
}

/** From the first line that stands further out, nothing goes further in again. */
function handOut(node: Collection, levels: readonly Level[], source: Source): void {
  if (!node.comment) return
  const own: Level = { column: indentAt(source.text, startOf(node)).length, take: () => undefined }
  const all = [...levels, own]
  const stop = lineStop(source.text, endOf(node))
  const columns = source.comments.filter((offset) => offset > stop).map((offset) => indentAt(source.text, offset).length)
  const given = new Map<Level, string[]>()
  let [level, line] = [all.length - 1, 0]
  for (const text of node.comment.split('\n')) {
    const column = text === '' ? Number.POSITIVE_INFINITY : (columns[line++] ?? own.column)
    while (level > 0 && column < (all[level]?.column ?? 0)) level -= 1
    const to = all[level] ?? own
    given.set(to, [...(given.get(to) ?? []), text])
  }
  node.comment = given.get(own)?.join('\n') ?? null
  // The innermost last: each puts its lines before what is there.
  for (const [to, lines] of given) if (to !== own) to.take(lines)
}

function childrenOf(node: Collection): readonly (Node | null)[] {
  return isMap(node) ? (node.items as Pair<Node, Node | null>[]).map(({ value }) => value) : (node.items as Node[])
}

/** Where a comment before this entry is kept. */
function headOf(node: Collection, index: number): Node | undefined {
  return isMap(node) ? (node.items as Pair<Node, Node | null>[])[index]?.key : (node.items as Node[])[index]
}

function join(lines: readonly string[], before: string | null | undefined): string {
  return [...lines, ...(before ? [before] : [])].join('\n')
}
