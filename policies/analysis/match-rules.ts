// Finds the rules that can matter for one party at one thing with one ability, by sets of numbers: no rule is read twice for the same row.
import type { RuleSet, Share, Stop } from '../model/rule-set.ts'
import type { Entry } from './reachable-states.ts'
import { fitsMay, fitsWhat, fitWho, type Through } from './rule-fits.ts'
import type { AbilityRow, PersonRow, ThingRow } from './universe.ts'

export type Rule = { readonly kind: 'share'; readonly share: Share } | { readonly kind: 'block' | 'pause'; readonly stop: Stop }

export interface Match {
  readonly rule: Rule
  readonly entry: Entry
}

export interface Matcher {
  readonly rules: readonly Rule[]
  /** Bit n: rule n. */
  forPerson(row: PersonRow): bigint
  forThing(row: ThingRow): bigint
  forAbility(row: AbilityRow): bigint
  /** The rules of the bits, in the order of the document: shares, then blocks, then pauses. */
  matches(bits: bigint, row: PersonRow): readonly Match[]
}

export function createMatcher(ruleSet: RuleSet): Matcher {
  const rules: readonly Rule[] = [
    ...ruleSet.shares.map((share) => ({ kind: 'share' as const, share })),
    ...ruleSet.block.map((stop) => ({ kind: 'block' as const, stop })),
    ...ruleSet.pause.map((stop) => ({ kind: 'pause' as const, stop })),
  ]
  const bitsOf = (fits: (rule: Rule) => boolean) => rules.reduce((bits, rule, index) => (fits(rule) ? bits | (1n << BigInt(index)) : bits), 0n)
  const fitOf = (rule: Rule, { party }: PersonRow) => fitWho(bodyOf(rule), party, ruleSet)
  return {
    rules,
    forPerson: (row) => bitsOf((rule) => fitOf(rule, row) !== false),
    forThing: ({ thing }) => bitsOf((rule) => fitsWhat(bodyOf(rule).what, thing, ruleSet)),
    forAbility: ({ scope }) => bitsOf((rule) => rule.kind !== 'share' || fitsMay(rule.share.may, scope)),
    matches: (bits, row) =>
      rules.flatMap((rule, index) => {
        if (((bits >> BigInt(index)) & 1n) === 0n) return []
        const fit = fitOf(rule, row)
        return fit === false ? [] : [{ rule, entry: entryOf(rule, fit === true ? undefined : fit) }]
      }),
  }
}

export function bodyOf(rule: Rule): Share | Stop {
  return rule.kind === 'share' ? rule.share : rule.stop
}

function entryOf(rule: Rule, through: readonly Through[] | undefined): Entry {
  const { conditions, name } = bodyOf(rule)
  return { conditions, through, link: name ?? '' }
}
