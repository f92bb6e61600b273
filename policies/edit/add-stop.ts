// Adds a block or a pause to an owner's text: the owner's switch. Every other byte stays as it was.
import type { Written } from '../conditions/condition-kind.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { WhoWord } from '../model/names.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import type { Result } from '../result.ts'
import { appendEntry } from './append-entry.ts'
import { checkedEdit } from './checked-edit.ts'
import { flowText } from './share-text.ts'

export interface NewStop {
  readonly name?: string
  /** Left out: everyone. A block needs it or `what`. */
  readonly who?: readonly WhoWord[]
  /** A pause needs it; a block without it stops everything. */
  readonly what?: readonly string[]
  /** Left out: every ability. */
  readonly may?: readonly string[]
  readonly only?: Readonly<Record<string, Written>>
  readonly from?: string
  readonly until?: string
}

export interface StopText extends PolicyText {
  readonly list: 'block' | 'pause'
  readonly stop: NewStop
}

/** The new text; a stop that the language does not know is told at its place in it. */
export function addStop({ list, stop, ...source }: StopText): Result<string, Diagnostic[]> {
  const before = parsePolicy(source)
  if (!before.ok) return before
  const { name, who, what, may, only, from, until } = stop
  const written: readonly (readonly [string, Written | undefined])[] = [
    ['name', name],
    ['who', who],
    ['what', what],
    ['may', may],
    ['only', only],
    ['from', from],
    ['until', until],
  ]
  const entries = written.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  return checkedEdit(source, {
    after: appendEntry(source.text, { list, entries: entries.map(([key, value]) => [key, flowText(value)]) }),
    change: (values) => ({ ...values, [list]: [...((values[list] ?? []) as readonly unknown[]), Object.fromEntries(entries)] }),
  })
}
