// What the rules that are in force together come to, in the order of docs/rules.md: block and pause, then allow, then ask. It looks at no condition.
import type { Effect } from '../contract/decision.ts'
import type { Obligation } from '../contract/obligations.ts'
import type { Match } from './match-rules.ts'

export interface Outcome {
  readonly effect: Effect
  /** As in a decision. */
  readonly ask?: 'each_time'
  /** The rules that decide; none where nothing fits. */
  readonly deciding: readonly Match[]
  /** In the order of the lines, then of each share's list. */
  readonly obligations: readonly Obligation[]
}

export function effectOf(inForce: readonly Match[]): Outcome {
  const stops = inForce.filter(({ rule }) => rule.kind !== 'share')
  if (stops.length > 0) return { effect: 'deny', deciding: stops, obligations: [] }
  const allowing = inForce.filter(({ rule }) => rule.kind === 'share' && !rule.share.ask)
  if (allowing.length > 0) return { effect: 'allow', deciding: allowing, obligations: obligationsOf(allowing) }
  const each = inForce.some(({ rule }) => rule.kind === 'share' && rule.share.ask === 'each_time') ? { ask: 'each_time' as const } : {}
  if (inForce.length > 0) return { effect: 'ask', ...each, deciding: inForce, obligations: obligationsOf(inForce) }
  return { effect: 'deny', deciding: [], obligations: [] }
}

/** Those of the bits, of all matches of a cell. */
export function inForceOf(matches: readonly Match[], bits: bigint): readonly Match[] {
  return matches.filter((_, index) => ((bits >> BigInt(index)) & 1n) === 1n)
}

function obligationsOf(matches: readonly Match[]): readonly Obligation[] {
  const shares = matches.flatMap(({ rule }) => (rule.kind === 'share' ? [rule.share] : []))
  return shares.sort((a, b) => a.line - b.line).flatMap(({ obligations }) => obligations)
}
