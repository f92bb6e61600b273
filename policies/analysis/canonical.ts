// One text for all rules of one meaning: names, lines and the order of lists do not count. It decides nothing.
import { formatDate } from '../conditions/instant.ts'
import type { Condition } from '../conditions/registry.ts'
import type { Obligation } from '../contract/obligations.ts'
import { expandWhat, expandWho } from '../model/expand.ts'
import type { Vocabulary } from '../model/rule-set.ts'
import { bodyOf, type Match, type Rule } from './match-rules.ts'

/** As one party meets it at one thing; who, what and may are settled. */
export function canonicalMatch({ rule, entry }: Match): string {
  const link = entry.through?.some((word) => word.kind === 'link') ? entry.link : null
  return canonicalText([rule.kind, ...bodyText(rule), entry.through ?? null, link])
}

/** The whole rule, the people and things behind its names included. */
export function canonicalRule(rule: Rule, vocabulary: Vocabulary): string {
  const { who, what, name } = bodyOf(rule)
  const people = who && expandWho(who, vocabulary)
  const link = people?.some((one) => one.kind === 'link') ? name : null
  return canonicalText([rule.kind, ...bodyText(rule), people ?? null, what ? expandWhat(what, vocabulary) : null, bodyOf(rule).may ?? null, link])
}

/** Which share asks for it is told elsewhere; twice the same is once. */
export function canonicalObligations(obligations: readonly Obligation[]): readonly string[] {
  return [...new Set(obligations.map((one) => canonicalText('rule' in one ? { ...one, rule: '' } : one)))].sort()
}

function bodyText(rule: Rule): readonly unknown[] {
  const conditions = bodyOf(rule).conditions.map(meaningOf)
  return rule.kind === 'share' ? [conditions, rule.share.ask, canonicalObligations(rule.share.obligations)] : [conditions]
}

/** A place is its networks and a calendar its days, whatever they are called. */
function meaningOf(condition: Condition): unknown {
  if (condition.kind === 'place') return { kind: 'from', networks: condition.networks }
  if (condition.kind !== 'dates' && condition.kind !== 'except') return condition
  return { ...condition, words: [], ranges: condition.ranges.map((range) => range.map(formatDate).join(' to ')) }
}

function canonicalText(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => (Array.isArray(inner) && key !== 'date' && key !== '' ? sortList(inner) : inner))
}

function sortList(list: readonly unknown[]): readonly unknown[] {
  return [...new Map(list.map((one) => [canonicalText(one), one])).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}
