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
    forPerson: remember((row) => bitsOf((rule) => fitOf(rule, row) !== false)),
    forThing: remember(({ thing }) => bitsOf((rule) => fitsWhat(bodyOf(rule).what, thing, ruleSet))),
    forAbility: remember(({ scope }) => bitsOf((rule) => fitsMay(bodyOf(rule).may, scope))),
    matches: (bits, row) =>
      numbersIn(bits).flatMap((index) => {
        const rule = rules[index]
        if (rule === undefined) return []
        const fit = fitOf(rule, row)
        return fit === false ? [] : [{ rule, entry: entryOf(rule, fit === true ? undefined : fit) }]
      }),
  }
}

/** Rows are asked for again and again: by each cell, and by each rule that is compared with another. */
function remember<Row extends object>(bitsOf: (row: Row) => bigint): (row: Row) => bigint {
  const known = new WeakMap<Row, bigint>()
  return (row) => {
    const bits = known.get(row) ?? bitsOf(row)
    known.set(row, bits)
    return bits
  }
}

/** The numbers of the bits that are set, the lowest first. */
function numbersIn(bits: bigint): readonly number[] {
  const digits = bits.toString(2)
  const numbers: number[] = []
  for (let at = digits.lastIndexOf('1'); at >= 0; at = at === 0 ? -1 : digits.lastIndexOf('1', at - 1)) numbers.push(digits.length - 1 - at)
  return numbers
}

export function bodyOf(rule: Rule): Share | Stop {
  return rule.kind === 'share' ? rule.share : rule.stop
}

function entryOf(rule: Rule, through: readonly Through[] | undefined): Entry {
  const { conditions, name } = bodyOf(rule)
  return { conditions, through, link: name ?? '', isStop: rule.kind !== 'share' }
}
