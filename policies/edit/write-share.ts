// A share of the rule set as an owner would write it: parsing what this gives reads the same share. It prints no text.
import type { Written } from '../conditions/condition-kind.ts'
import { type Condition, kindOf } from '../conditions/registry.ts'
import { writeRemind } from '../conditions/until.ts'
import type { Obligation } from '../contract/obligations.ts'
import { whatWord, whoWord } from '../model/names.ts'
import type { Share, Vocabulary } from '../model/rule-set.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'
import { type NewShare, writeAsk } from './share-text.ts'

type Names = Pick<Vocabulary, 'things'>

export function writeShare(share: Share, { things }: Names): NewShare {
  return {
    name: share.name,
    who: share.who.map(whoWord),
    what: share.what.map((what) => whatWord(what, [...things.keys()])),
    may: share.may,
    only: writeOnly(share.conditions),
    from: writeOf('begins', share.conditions),
    until: writeOf('until', share.conditions),
    remind: share.conditions.flatMap((one) => ('done' in one ? [writeRemind(one.done.remindSeconds)] : []))[0],
    obligations: writeObligations(share.obligations),
    ask: share.ask && writeAsk(share.ask),
  }
}

/** The conditions that stand in `only`, with the zone that any of all needs. */
export function writeOnly(conditions: readonly Condition[]): Readonly<Record<string, Written>> {
  const zone = conditions.flatMap((condition) => ('timezone' in condition ? [condition.timezone] : []))[0]
  const written = conditions.flatMap((condition) => {
    const kind = kindOf(condition)
    return kind.place === 'only' ? [[kind.key, kind.write(condition)] as const] : []
  })
  return Object.fromEntries([...written, ...(zone === undefined ? [] : [['timezone', zone] as const])])
}

export function writeObligations(obligations: readonly Obligation[]): Readonly<Record<string, Written>> {
  const entries = OBLIGATION_KINDS.flatMap((kind) => {
    const own = obligations.filter((one) => one.kind === kind.kind)
    return own.length === 0 ? [] : [[kind.kind, kind.write(own)] as const]
  })
  const lenient = obligations.some((one) => 'other_answers' in one && one.other_answers === 'allow')
  const must = obligations.some((one) => 'must' in one && one.must === 'found')
  return Object.fromEntries([...entries, ...(lenient ? [['other_answers', 'allow'] as const] : []), ...(must ? [['must', 'found'] as const] : [])])
}

function writeOf(kind: 'begins' | 'until', conditions: readonly Condition[]): string | undefined {
  const found = conditions.find((condition) => condition.kind === kind)
  return found && (kindOf(found).write(found) as string)
}
