// What an edit in place must not touch: values that hold comments, texts over lines in block form, keys behind a question mark. It changes nothing.
import { isMap, isScalar, isSeq, type Node, Scalar } from 'yaml'
import { type Entry, endOf, entriesOf, holdsComment, itemsOf, lineStart, type Source, startOf } from './source.ts'

/** Would a new value lose something that a person wrote by hand? */
export function isHandWritten(entry: Entry, source: Source): boolean {
  const { key, value } = entry
  return isOddEntry(entry, source) || isOddValue(value, source) || holdsComment(source, startOf(key), endOf(key))
}

function isOddValue(value: Node, source: Source): boolean {
  return holdsComment(source, startOf(value), endOf(value)) || holdsOddNode(value, source)
}

function holdsOddNode(node: Node, source: Source): boolean {
  if (isScalar(node)) return node.type === Scalar.BLOCK_FOLDED || node.type === Scalar.BLOCK_LITERAL
  if (isSeq(node)) return itemsOf(node).some((item) => holdsOddNode(item, source))
  return isMap(node) && entriesOf(node).some((entry) => isOddEntry(entry, source) || holdsOddNode(entry.value, source))
}

/** The colon stands right behind the key, and no question mark before it. */
function isOddEntry({ key }: Entry, { text }: Source): boolean {
  const before = text.slice(lineStart(text, startOf(key)), startOf(key))
  return !/^[ \t]*:/.test(text.slice(endOf(key), endOf(key) + 100)) || /\?[ \t]*$/.test(before) || /[\r\n]/.test(text.slice(startOf(key), endOf(key)))
}
