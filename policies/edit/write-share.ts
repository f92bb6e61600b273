// The conditions and obligations of a share as an owner would write them: parsing what this gives reads the same. It prints no text.
import type { Written } from '../conditions/condition-kind.ts'
import { type Condition, kindOf } from '../conditions/registry.ts'
import type { Obligation } from '../contract/obligations.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'

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
