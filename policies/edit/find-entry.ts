// Finds a share, a block or a pause by its place in its list or by its line. A line that holds several of them finds none.
import type { RuleSet } from '../model/rule-set.ts'
import type { ListName } from './parts.ts'

export interface EntryPlace {
  /** Left out: `shares`. */
  readonly list?: ListName | undefined
  /** From 0. */
  readonly index?: number | undefined
  /** 1-based, as the rule set tells it. */
  readonly line?: number | undefined
}

/** Its index; undefined where there is none. If index and line are given, both must fit. */
export function findEntry(ruleSet: RuleSet, { list = 'shares', index, line }: EntryPlace): number | undefined {
  const entries = ruleSet[list]
  if (index !== undefined) {
    const found = entries[index]
    return found !== undefined && (line === undefined || found.line === line) ? index : undefined
  }
  const fitting = entries.flatMap((entry, at) => (entry.line === line ? [at] : []))
  return fitting.length === 1 ? fitting[0] : undefined
}
