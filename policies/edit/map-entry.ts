// Sets, adds and removes one entry of a map in a text, as changes in places. It knows no rule; the caller reads the result again.
import { isMap, isSeq, type YAMLMap } from 'yaml'
import type { Written } from '../conditions/condition-kind.ts'
import { err, ok, type Result } from '../result.ts'
import { isHandWritten } from './hand-written.ts'
import { type Entry, endOf, entriesOf, holdsComment, indentAt, keyOf, lineStart, lineStop, nextLine, type Source, startOf } from './source.ts'
import type { Splice } from './splice.ts'
import { isBlock, writeFlow, writeKey, writeValue } from './write-value.ts'

/** Why not, with the place in the text. */
export interface EditRefusal {
  readonly offset: number
  readonly code: 'hand_written' | 'edit_refused'
}

export interface NewEntry {
  readonly key: string
  readonly value: Written
  /** The keys of such a map in the order in which owners write them. */
  readonly order: readonly string[]
}

type Splices = Result<readonly Splice[], EditRefusal>

export function setEntry(map: YAMLMap, { key, value, order }: NewEntry, source: Source): Splices {
  const entry = entriesOf(map).find((one) => keyOf(one) === key)
  return entry === undefined ? addEntry(map, { key, value, order }, source) : replaceValue(entry, value, source)
}

function replaceValue(entry: Entry, value: Written, source: Source): Splices {
  if (isHandWritten(entry, source)) return handWritten(entry)
  const old = entry.value
  const keepsForm = Array.isArray(value) ? isSeq(old) : typeof value === 'object' && isMap(old)
  if (!isBlock(old) || keepsForm) return ok([{ start: startOf(old), end: endOf(old), text: writeValue(value, old, source) }])
  // A value on one line takes the place of lines: it stands behind the colon.
  const start = source.text.indexOf(':', endOf(entry.key)) + 1
  if (holdsComment(source, start, startOf(old))) return handWritten(entry)
  return ok([{ start, end: endOf(old), text: ` ${writeFlow(value, source)}` }])
}

function addEntry(map: YAMLMap, { key, value, order }: NewEntry, source: Source): Splices {
  const entries = entriesOf(map)
  const rank = order.indexOf(key)
  const before = entries.findLast((one) => order.indexOf(keyOf(one)) < rank) ?? entries.at(-1)
  const written = `${writeKey(key, source)}: ${writeFlow(value, source)}`
  if (before === undefined) return err({ offset: startOf(map), code: 'edit_refused' })
  const behind = endOf(before.value)
  if (map.flow === true) return ok([{ start: behind, end: behind, text: `, ${written}` }])
  const { text, lineEnd } = source
  const indent = indentAt(text, startOf((entries[0] ?? before).key))
  const at = nextLine(text, behind)
  const isLastLine = at === text.length && lineStart(text, at) !== at
  return ok([{ start: at, end: at, text: isLastLine ? `${lineEnd}${indent}${written}` : `${indent}${written}${lineEnd}` }])
}

/** The last entry of a map cannot be removed: the map itself must be. A comment at the end of its line stays where it is. */
export function removeEntry(map: YAMLMap, key: string, source: Source): Splices {
  const entries = entriesOf(map)
  const index = entries.findIndex((one) => keyOf(one) === key)
  const entry = entries[index]
  if (entry === undefined || entries.length === 1) return err({ offset: startOf(map), code: 'edit_refused' })
  if (isHandWritten(entry, source) || holdsComment(source, startOf(entry.key), endOf(entry.value))) return handWritten(entry)
  const [previous, next] = [entries[index - 1], entries[index + 1]]
  if (map.flow === true) return removeBetween(entry, { previous, next }, source)
  return index === 0 && next !== undefined ? removeBetween(entry, { previous: undefined, next }, source) : removeLines(entry, source)
}

interface Neighbours {
  readonly previous: Entry | undefined
  readonly next: Entry | undefined
}

/** With what parts it from its neighbour. */
function removeBetween(entry: Entry, { previous, next }: Neighbours, source: Source): Splices {
  const [start, end] = next === undefined ? [endOf((previous ?? entry).value), endOf(entry.value)] : [startOf(entry.key), startOf(next.key)]
  return holdsComment(source, start, end) ? handWritten(entry) : ok([{ start, end, text: '' }])
}

function removeLines(entry: Entry, source: Source): Splices {
  const { text, comments } = source
  const [key, end] = [startOf(entry.key), endOf(entry.value)]
  const comment = comments.find((offset) => offset >= end && offset < lineStop(text, end))
  if (comment !== undefined) return ok([{ start: key, end: comment, text: '' }])
  const [start, stop] = [lineStart(text, key), nextLine(text, end)]
  // At the end of a text without a last line end, the line before keeps none either.
  if (stop === text.length && lineStart(text, stop) !== stop) return ok([{ start: start - lineEndBefore(text, start), end: stop, text: '' }])
  return ok([{ start, end: stop, text: '' }])
}

function lineEndBefore(text: string, start: number): number {
  return /(?:\r\n|\n|\r)?$/.exec(text.slice(0, start))?.[0].length ?? 0
}

function handWritten({ key }: Entry): Splices {
  return err({ offset: startOf(key), code: 'hand_written' })
}
