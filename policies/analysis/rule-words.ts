// A rule as one party meets it, in plain words: where it stands, while what, and with what strings attached.
import { kindOf } from '../conditions/registry.ts'
import type { AskMode } from '../contract/decision.ts'
import { obligationSentence } from '../obligations/registry.ts'
import { bodyOf, type Match } from './match-rules.ts'
import type { Through } from './rule-fits.ts'

/** A rule that decides a cell of a table. */
export interface Way {
  readonly kind: 'share' | 'block' | 'pause'
  /** The name of the share or entry; undefined where an entry has none. */
  readonly rule: string | undefined
  readonly line: number
  /** Of shares that ask the owner. */
  readonly ask: AskMode | false
  /** In plain words, all of them needed; none: always. */
  readonly conditions: readonly string[]
  /** In plain words. */
  readonly obligations: readonly string[]
}

export function wayOf({ rule, entry }: Match): Way {
  const { name, line, conditions } = bodyOf(rule)
  const through = entry.through === undefined ? [] : [entry.through.map((word) => throughWords(word, entry.link)).join(' or ')]
  return {
    kind: rule.kind,
    rule: name,
    line,
    ask: rule.kind === 'share' ? rule.share.ask : false,
    conditions: [...through, ...conditions.map((one) => kindOf(one).sentence(one))],
    obligations: rule.kind === 'share' ? rule.share.obligations.map(obligationSentence) : [],
  }
}

function throughWords(word: Through, link: string): string {
  if (word.kind === 'client') return `through the app ${word.client}`
  return word.kind === 'device' ? `on the device ${word.device}` : `with the link of "${link}"`
}

/** `"The band can play" (line 6)`, `the block of line 20`. */
export function ruleLabel({ kind, rule, line }: Pick<Way, 'kind' | 'rule' | 'line'>): string {
  if (rule !== undefined) return `"${rule}" (line ${line})`
  return `the ${kind} of line ${line}`
}

/** `allowed from 08:00 to 22:00 (Europe/Paris), without seeing $.a: "The band can play" (line 6)`. */
export function wayWords(way: Way): string {
  const verb = way.kind === 'share' ? shareVerb(way.ask) : way.kind === 'block' ? 'blocked' : 'paused'
  const conditions = way.conditions.length > 0 ? ` ${way.conditions.join(', ')}` : ''
  const obligations = way.obligations.map((one) => `, ${one}`).join('')
  return `${verb}${conditions}${obligations}: ${ruleLabel(way)}`
}

function shareVerb(ask: Way['ask']): string {
  if (ask === false) return 'allowed'
  return ask === 'each_time' ? 'the owner is asked each time' : 'the owner is asked once'
}
