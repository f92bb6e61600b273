// Rules that were written anew and give nobody anything else. It compares no cells: it is told which rules take part in a change.
import type { RuleSet } from '../model/rule-set.ts'
import { canonicalRule } from './canonical.ts'
import { bodyOf, createMatcher, type Rule } from './match-rules.ts'
import { ruleLabel } from './rule-words.ts'

export interface Reworded {
  readonly kind: 'renamed' | 'rewritten' | 'added' | 'removed' | 'moved' | 'text'
  /** In plain words. */
  readonly text: string
}

export interface RewordedOptions {
  readonly before: RuleSet
  readonly after: RuleSet
  /** Lines of rules that decide a changed cell. */
  readonly involved: { readonly before: ReadonlySet<number>; readonly after: ReadonlySet<number> }
  /** The texts, where they are at hand. */
  readonly texts?: { readonly before: string; readonly after: string } | undefined
}

interface Written {
  readonly name: string | undefined
  readonly label: string
  readonly line: number
  readonly meaning: string
  /** Name and meaning. */
  readonly key: string
}

export function listReworded({ before, after, involved, texts }: RewordedOptions): readonly Reworded[] {
  const [old, fresh] = pairOff(rulesOf(before), rulesOf(after))
  const renamed: Reworded[] = []
  const added = fresh.filter((rule) => {
    const twin = old.findIndex((one) => one.meaning === rule.meaning)
    const [found] = twin < 0 ? [] : old.splice(twin, 1)
    if (found !== undefined) renamed.push({ kind: 'renamed', text: `${found.label} is now ${rule.label}, with the same meaning` })
    return found === undefined
  })
  const quietAdded = added.filter(({ line }) => !involved.after.has(line))
  const quietRemoved = old.filter(({ line }) => !involved.before.has(line))
  const all = [...renamed, ...describeQuiet(quietRemoved, quietAdded), ...moved(before, after)]
  if (all.length > 0 || texts === undefined || texts.before === texts.after || added.length > 0 || old.length > 0) return all
  return [{ kind: 'text', text: 'The rules are the same; comments, spacing, names or expectations differ' }]
}

function describeQuiet(removed: readonly Written[], added: readonly Written[]): readonly Reworded[] {
  const kept = new Set<Written>()
  const fresh = added.map((rule): Reworded => {
    const same = removed.find(({ name }) => name !== undefined && name === rule.name)
    if (same === undefined) return { kind: 'added', text: `${rule.label} is new and changes nothing` }
    kept.add(same)
    return { kind: 'rewritten', text: `${rule.label} is reworded and changes nothing` }
  })
  return [
    ...fresh,
    ...removed.filter((rule) => !kept.has(rule)).map(({ label }): Reworded => ({ kind: 'removed', text: `${label} was removed, which changes nothing` })),
  ]
}

function moved(before: RuleSet, after: RuleSet): readonly Reworded[] {
  const [old, fresh] = [rulesOf(before).map(({ key }) => key), rulesOf(after).map(({ key }) => key)]
  const kept = old.filter((key) => fresh.includes(key))
  const still = fresh.filter((key) => old.includes(key))
  return kept.length === still.length && kept.join('\n') !== still.join('\n')
    ? [{ kind: 'moved', text: 'Rules are in a different order, which has no effect' }]
    : []
}

/** Without those that stand in both. */
function pairOff(old: readonly Written[], fresh: readonly Written[]): [Written[], Written[]] {
  const left = [...old]
  const rest = fresh.filter((rule) => {
    const twin = left.findIndex((one) => one.key === rule.key)
    if (twin >= 0) left.splice(twin, 1)
    return twin < 0
  })
  return [left, rest]
}

function rulesOf(ruleSet: RuleSet): readonly Written[] {
  return createMatcher(ruleSet).rules.map((rule: Rule) => {
    const { name, line } = bodyOf(rule)
    const meaning = canonicalRule(rule, ruleSet)
    return { name, line, label: ruleLabel({ kind: rule.kind, rule: name, line }), meaning, key: JSON.stringify([name, meaning]) }
  })
}
