// Gives an entry of a map another key and another value, both in their places: what stands between and behind them stays.
import { Scalar } from 'yaml'
import type { Written } from '../conditions/condition-kind.ts'
import { err, ok, type Result } from '../result.ts'
import type { EditRefusal } from './map-entry.ts'
import { type Entry, endOf, holdsComment, type Source, startOf } from './source.ts'
import type { Splice } from './splice.ts'
import { writeFlow } from './write-value.ts'

/** For values on one line; the key keeps its quotes. */
export function renameEntry(
  { key, value }: Entry,
  to: { readonly key: string; readonly value: Written },
  source: Source,
): Result<readonly Splice[], EditRefusal> {
  const [start, end] = [startOf(key), endOf(key)]
  const { type } = value as Scalar
  const isBlockText = type === Scalar.BLOCK_FOLDED || type === Scalar.BLOCK_LITERAL
  if (isBlockText || 'items' in value || holdsComment(source, startOf(value), endOf(value))) return err({ offset: start, code: 'hand_written' })
  const mark = /^["']/.exec(source.text.slice(start, end))?.[0] ?? ''
  return ok([
    { start, end, text: `${mark}${to.key}${mark}` },
    { start: startOf(value), end: endOf(value), text: writeFlow(to.value, source) },
  ])
}
