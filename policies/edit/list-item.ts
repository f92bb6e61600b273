// Takes one item out of a list of a text, as changes in places. What stands before the item and on the lines behind it stays.
import type { Node } from 'yaml'
import { err, ok, type Result } from '../result.ts'
import type { EditRefusal } from './map-entry.ts'
import { type Entry, endOf, holdsComment, itemsOf, lineStart, lineStop, nextLine, type Source, startOf } from './source.ts'
import type { Splice } from './splice.ts'

type Splices = Result<readonly Splice[], EditRefusal>

/** Comments inside the item and at the end of its last line go with it. A list that would be empty becomes `[]`. */
export function removeItem({ key, value }: Entry, index: number, source: Source): Splices {
  const items = itemsOf(value as Parameters<typeof itemsOf>[0])
  const item = items[index]
  if (item === undefined) return err({ offset: startOf(key), code: 'edit_refused' })
  if ('flow' in value && value.flow === true) return removeFromFlow(items, index, source)
  const lines = linesOf(item, source)
  if (items.length > 1) return lines
  const colon = source.text.indexOf(':', endOf(key)) + 1
  return lines.ok ? ok([{ start: colon, end: colon, text: ' []' }, ...lines.value]) : lines
}

function linesOf(item: Node, { text }: Source): Splices {
  const start = lineStart(text, startOf(item))
  const end = endOf(item)
  const before = text.slice(start, startOf(item))
  // `- ` stands on a line of its own only where a comment follows it.
  if (!/^\uFEFF?[ \t]*-[ \t]+$/.test(before)) return err({ offset: startOf(item), code: 'hand_written' })
  const stop = nextLine(text, end)
  const isLastLine = stop === text.length && lineStart(text, stop) !== stop
  const lineEnd = isLastLine ? (/(?:\r\n|\n|\r)$/.exec(text.slice(0, start))?.[0].length ?? 0) : 0
  return ok([{ start: start - lineEnd, end: stop, text: '' }])
}

function removeFromFlow(items: readonly Node[], index: number, source: Source): Splices {
  const [previous, item, next] = [items[index - 1], items[index], items[index + 1]]
  if (item === undefined) return ok([])
  const behind = next === undefined ? endOf(item) : startOf(next)
  const before = next === undefined && previous !== undefined ? endOf(previous) : startOf(item)
  // Comments between two items may speak of either.
  if (holdsComment(source, before, startOf(item)) || holdsComment(source, endOf(item), behind)) return err({ offset: startOf(item), code: 'hand_written' })
  const comma = next === undefined && previous === undefined ? (/^\s*,/.exec(source.text.slice(behind, lineStop(source.text, behind)))?.[0].length ?? 0) : 0
  return ok([{ start: before, end: behind + comma, text: '' }])
}
