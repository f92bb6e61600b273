// The parts of a share, a block or a pause that can be changed one by one, and the keys under which owners write them.
import { CONDITION_KINDS, CONDITIONS, type Condition } from '../conditions/registry.ts'
import type { Obligation } from '../contract/obligations.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'

export type ListName = 'shares' | 'block' | 'pause'

/** Conditions by their kind: `begins` is the share's own `from`, `from` are the networks of `only`. `timezone` is that of `only`. */
export type PartName =
  | 'name'
  | 'who'
  | 'what'
  | 'may'
  | 'ask'
  | 'other_answers'
  | 'must'
  | 'remind'
  | 'for'
  | 'timezone'
  | Condition['kind']
  | Obligation['kind']

/** In the order in which owners write them. */
export const ENTRY_KEYS: readonly string[] = [
  'name',
  'who',
  'what',
  'may',
  'only',
  'from',
  'until',
  'for',
  'remind',
  ...OBLIGATION_KINDS.map((kind) => kind.kind),
  'other_answers',
  'must',
  'ask',
]
export const ONLY_KEYS: readonly string[] = [...CONDITION_KINDS.filter((kind) => kind.place === 'only').map((kind) => kind.key), 'timezone']

/** `['only', 'days']`, `['who']`: from the entry. */
export function pathOf(part: PartName): readonly [key: string] | readonly ['only', string] {
  if (part === 'timezone') return ['only', part]
  if (!Object.hasOwn(CONDITIONS, part)) return [part]
  const kind = CONDITIONS[part as Condition['kind']]
  return kind.place === 'only' ? ['only', kind.key] : [kind.key]
}
