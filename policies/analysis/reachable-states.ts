// Which of some rules can be in force together, from a moment on: every combination that some request meets, each with one such request.
// Complete: facts are independent of each other, and of each fact all values are tried between which an answer may change.

import { toUtcText } from '../conditions/instant.ts'
import { type Condition, kindOf, stopHolds } from '../conditions/registry.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'
import { factPoints, splitByFact } from './fact-points.ts'
import { partyPoints } from './party-points.ts'
import { pickSome } from './pick-some.ts'
import type { KnownParty, Through } from './rule-fits.ts'
import { conditionKey, TimeTable } from './time-table.ts'

/** A rule as one party meets it at one thing. */
export interface Entry {
  readonly conditions: readonly Condition[]
  /** Where who fits only by these; undefined: it fits anyway. */
  readonly through: readonly Through[] | undefined
  /** What `party.link` must be for the word link. */
  readonly link: string
  /** A block or a pause: facts that are not known do not lift it. */
  readonly isStop: boolean
}

export interface State {
  /** Bit n: entry n is in force. */
  readonly inForce: bigint
  /** A request that meets it. Who asks, and for what, is not in it beyond app, device and link. */
  readonly sample: DecisionInput
}

export interface Reachable {
  readonly states: readonly State[]
  /** False: there are more than were looked at. */
  readonly complete: boolean
}

export interface Circumstances {
  /** Milliseconds since 1970; what was before does not count. */
  readonly now: number
  readonly party: KnownParty
  /** From the same `now`; to be handed on from cell to cell. */
  readonly times?: TimeTable
}

/** Combinations of one cell. Twelve rules that share no fact make as many; people write three. */
export const STATES_MAX = 4096
/** Found before the fewest are kept; bounds the memory of one step. */
const FOUND_MAX = 4 * STATES_MAX

export function reachableStates(entries: readonly Entry[], circumstances: Circumstances): Reachable {
  const all = (1n << BigInt(entries.length)) - 1n
  const start = { ...UNKNOWN_INPUT, now: toUtcText(circumstances.now), party: { ...UNKNOWN_INPUT.party, ...knownFacts(circumstances.party) } }
  let reached: Reachable = { states: [{ inForce: all, sample: start }], complete: true }
  for (const axis of [...axesOf(entries, circumstances.times ?? new TimeTable(circumstances.now)), partyAxis(entries, circumstances.party)])
    reached = cross(reached, axis)
  return reached
}

function knownFacts({ client_id = '', device_id = null, link = null }: KnownParty): Partial<DecisionInput['party']> {
  return { client_id, device_id, link }
}

/** The values of one fact: which entries it leaves in force, and how a request has it. */
interface Axis {
  readonly points: readonly { readonly leaves: bigint; readonly put: (input: DecisionInput) => DecisionInput }[]
  readonly complete: boolean
}

function axesOf(entries: readonly Entry[], times: TimeTable): readonly Axis[] {
  const byFact = new Map<string, Row[]>()
  for (const [index, { conditions, isStop }] of entries.entries()) {
    for (const [fact, condition] of conditions.flatMap(splitByFact)) {
      if (fact === 'client') continue
      const rows = byFact.get(fact) ?? []
      rows.push({ bit: 1n << BigInt(index), condition, isStop })
      byFact.set(fact, rows)
    }
  }
  return [...byFact].map(([fact, rows]) => ({
    points: dedupe(fact === 'time' ? timeAxis(rows, times) : factAxis(fact, rows)),
    complete: fact !== 'time' || times.classes(rows.map(({ condition }) => condition)).complete,
  }))
}

type Point = Axis['points'][number]

interface Row {
  readonly bit: bigint
  readonly condition: Condition
  readonly isStop: boolean
}

function factAxis(fact: string, rows: readonly Row[]): readonly Point[] {
  const conditions = rows.map(({ condition }) => condition)
  return factPoints(fact, conditions).map((put) => {
    const input = put(UNKNOWN_INPUT)
    return { leaves: leavesOf(rows, ({ condition, isStop }) => (isStop ? stopHolds(condition, input) : kindOf(condition).holds(condition, input))), put }
  })
}

function timeAxis(rows: readonly Row[], times: TimeTable): readonly Point[] {
  const keyed = rows.map((row) => ({ ...row, key: conditionKey(row.condition) }))
  return times.classes(rows.map(({ condition }) => condition)).classes.map(({ moment, holding }) => {
    const now = toUtcText(moment)
    return { leaves: leavesOf(keyed, ({ key }) => holding.has(key)), put: (input) => ({ ...input, now }) }
  })
}

/** All entries but those of which a row does not hold. */
function leavesOf<R extends Row>(rows: readonly R[], holds: (row: R) => boolean): bigint {
  return ~rows.reduce((misses, row) => (holds(row) ? misses : misses | row.bit), 0n)
}

function partyAxis(entries: readonly Entry[], party: KnownParty): Axis {
  const { points, complete } = partyPoints(entries, party)
  const rows = entries.map((entry) => ({ ...entry, clients: entry.conditions.filter((one) => one.kind === 'client') }))
  const tried = points.map((facts): Point => {
    const input = { ...UNKNOWN_INPUT, party: { ...UNKNOWN_INPUT.party, ...facts } }
    const leaves = rows.reduce((bits, { through, link, clients, isStop }, index) => {
      const fits = through === undefined || through.some((word) => fitsRequest(word, input.party, link))
      return fits && clients.every((one) => (isStop ? stopHolds(one, input) : kindOf(one).holds(one, input))) ? bits | (1n << BigInt(index)) : bits
    }, 0n)
    return { leaves, put: (before) => ({ ...before, party: { ...before.party, ...facts } }) }
  })
  return { points: dedupe(tried), complete }
}

function fitsRequest(word: Through, party: DecisionInput['party'], link: string): boolean {
  if (word.kind === 'client') return party.client_id === word.client
  return word.kind === 'device' ? party.device_id === word.device : party.link === link
}

function dedupe(points: readonly Point[]): readonly Point[] {
  const found = new Map<bigint, Point>()
  for (const point of points) if (!found.has(point.leaves)) found.set(point.leaves, point)
  return [...found.values()]
}

function cross({ states, complete }: Reachable, axis: Axis): Reachable {
  const found = new Map<bigint, State>()
  for (const { inForce, sample } of states) {
    for (const { leaves, put } of axis.points) {
      const next = inForce & leaves
      if (!found.has(next) && found.size < FOUND_MAX) found.set(next, { inForce: next, sample: put(sample) })
    }
  }
  const all = [...found.values()]
  const kept = all.length > STATES_MAX ? sampleOf(all) : all
  return { states: kept, complete: complete && axis.complete && kept.length === all.length }
}

/** Half of them those with the fewest rules in force, where each rule shows most; half spread over the rest, the same ones for the same rules. */
function sampleOf(all: readonly State[]): readonly State[] {
  const byCount = all.map((state) => ({ state, count: state.inForce.toString(2).replaceAll('0', '').length })).sort((a, b) => a.count - b.count)
  const states = byCount.map(({ state }) => state)
  const seed = all.map(({ inForce }) => inForce.toString(36)).join()
  return [...states.slice(0, STATES_MAX / 2), ...pickSome(states.slice(STATES_MAX / 2), { count: STATES_MAX / 2, seed })]
}
