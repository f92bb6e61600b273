// One cell of the table before and after a change: who gains, who loses, and whose limits are others, in some request from now on.
import type { DecisionInput } from '../contract/decision-input.ts'
import { canonicalMatch, canonicalObligations } from './canonical.ts'
import { effectOf, inForceOf, type Outcome } from './effect-of.ts'
import type { Match } from './match-rules.ts'
import { type Circumstances, type Entry, reachableStates } from './reachable-states.ts'
import { type Way, wayOf, wayWords } from './rule-words.ts'

/** gains: what was denied is given, or asked about; loses: the other way round; limits: still given, but asked about, or with different conditions or obligations. */
export type Change = 'gains' | 'loses' | 'limits'
export const CHANGES: readonly Change[] = ['gains', 'loses', 'limits']

export interface Side {
  /** The rules that decide where it matters; none: nothing is given. */
  readonly ways: readonly Way[]
  /** In plain words. */
  readonly text: string
}

export interface CellChange {
  readonly change: Change
  readonly before: Side
  readonly after: Side
  /** A request that is answered otherwise (`cellInput` completes it). */
  readonly sample: DecisionInput
}

export interface CellComparison {
  readonly changes: readonly CellChange[]
  readonly complete: boolean
}

export interface CellPair {
  readonly before: readonly Match[]
  readonly after: readonly Match[]
}

export function meanTheSame({ before, after }: CellPair): boolean {
  return canonicalList(before) === canonicalList(after)
}

function canonicalList(matches: readonly Match[]): string {
  return [...new Set(matches.map(canonicalMatch))].sort().join('\n')
}

export function compareCell({ before, after }: CellPair, circumstances: Circumstances): CellComparison {
  const entries: readonly Entry[] = [...before, ...after].map(({ entry }) => entry)
  const { states, complete } = reachableStates(entries, circumstances)
  const found = new Map<Change, { readonly was: Match[]; readonly is: Match[]; readonly sample: DecisionInput }>()
  const ever = { was: new Set<Match>(), is: new Set<Match>() }
  for (const { inForce, sample } of states) {
    const was = effectOf(inForceOf(before, inForce))
    const is = effectOf(inForceOf(after, inForce >> BigInt(before.length)))
    noteGiven(was, ever.was)
    noteGiven(is, ever.is)
    const change = changeOf(was, is)
    if (change === undefined) continue
    const row = found.get(change) ?? { was: [], is: [], sample }
    row.was.push(...was.deciding)
    row.is.push(...is.deciding)
    found.set(change, row)
  }
  const changes = CHANGES.flatMap((change): readonly CellChange[] => {
    const row = found.get(change)
    return row === undefined ? [] : [{ change, before: sideOf(before, row.was, ever.was), after: sideOf(after, row.is, ever.is), sample: row.sample }]
  })
  return { changes, complete }
}

function changeOf(was: Outcome, is: Outcome): Change | undefined {
  if (was.effect === 'deny' && is.effect === 'deny') return undefined
  if (was.effect === 'deny') return 'gains'
  if (is.effect === 'deny') return 'loses'
  if (was.effect !== is.effect || was.ask !== is.ask) return 'limits'
  return canonicalObligations(was.obligations).join() === canonicalObligations(is.obligations).join() ? undefined : 'limits'
}

function noteGiven(outcome: Outcome, given: Set<Match>): void {
  if (outcome.effect !== 'deny') for (const match of outcome.deciding) given.add(match)
}

/** `ever`: what gives something to other requests of the cell, which is told where these get nothing. */
function sideOf(all: readonly Match[], deciding: readonly Match[], ever: ReadonlySet<Match>): Side {
  const ways = all.filter((match) => deciding.includes(match)).map(wayOf)
  if (ways.length > 0) return { ways, text: ways.map(wayWords).join('; ') }
  const others = all.filter((match) => ever.has(match)).map(wayOf)
  return { ways, text: others.length > 0 ? `nothing then; otherwise ${others.map(wayWords).join('; ')}` : 'nothing' }
}
