// Who gains and who loses by a change of rules, over every cell of people, things and abilities of both documents and the household.
import type { RuleSet } from '../model/rule-set.ts'
import { type CellComparison, CHANGES, type Change, compareCell, meanTheSame } from './compare-cell.ts'
import { cellKey } from './list-access.ts'
import { listReworded, type Reworded } from './list-reworded.ts'
import { createMatcher, type Match } from './match-rules.ts'
import { type ChangedCell, type ChangeRow, mergeChanges } from './merge-changes.ts'
import { TimeTable } from './time-table.ts'
import { buildUniverse, existingCells, type Household, type PersonRow } from './universe.ts'

export interface DiffOptions {
  readonly before: RuleSet
  readonly after: RuleSet
  readonly household: Household
  /** Milliseconds since 1970; only requests from then on count. */
  readonly now: number
  /** The texts, to see that only comments changed. */
  readonly texts?: { readonly before: string; readonly after: string }
}

export interface PolicyDiff {
  readonly gains: readonly ChangeRow[]
  readonly loses: readonly ChangeRow[]
  readonly limits: readonly ChangeRow[]
  readonly reworded: readonly Reworded[]
  /** The same changes, one by one. */
  readonly cells: readonly ChangedCell[]
  /** Sampled: in some cells the rules combine in more ways than were tried, so that a change may be missing there. */
  readonly coverage: 'complete' | 'sampled'
  readonly counts: {
    readonly cells: number
    /** Met by rules of another meaning before and after, and compared request by request. */
    readonly compared: number
    readonly sampled: number
  }
  /** In plain words, line by line. */
  readonly text: readonly string[]
}

export function diffPolicies({ before, after, household, now, texts }: DiffOptions): PolicyDiff {
  const { people, things, abilities } = buildUniverse([before, after], household)
  const exists = existingCells(household)
  const compare = createComparer({ before, after, now })
  const [was, is] = [createMatcher(before), createMatcher(after)]
  const sideBits = (of: (matcher: typeof was) => bigint) => (of(was) << BigInt(is.rules.length)) | of(is)
  const thingBits = things.map((thing) => sideBits((matcher) => matcher.forThing(thing)))
  const abilityBits = abilities.map((ability) => sideBits((matcher) => matcher.forAbility(ability)))
  const rows = people.flatMap((person) => {
    const own = sideBits((matcher) => matcher.forPerson(person))
    return things.flatMap((thing, row) =>
      abilities.flatMap((ability, column) =>
        exists.ability(thing, ability) ? [{ person, thing, ability, bits: own & at(thingBits, row) & at(abilityBits, column) }] : [],
      ),
    )
  })
  const counts = { cells: rows.length, compared: 0, sampled: 0 }
  const cells = rows.flatMap(({ bits, ...row }): readonly ChangedCell[] => {
    const found = compare(bits, row.person)
    if (found === undefined) return []
    counts.compared += 1
    if (!found.complete) counts.sampled += 1
    return found.changes.map((change) => ({ ...change, ...row }))
  })
  return summarize(cells, { counts, reworded: listReworded({ before, after, texts, involved: involvedIn(cells) }) })
}

function at(bits: readonly bigint[], index: number): bigint {
  return bits[index] ?? 0n
}

/** Undefined where the rules of the cell mean the same before and after. Cells that are met alike are compared once. */
function createComparer({ before, after, now }: Pick<DiffOptions, 'before' | 'after' | 'now'>) {
  const [was, is] = [createMatcher(before), createMatcher(after)]
  const times = new TimeTable(now)
  const width = BigInt(is.rules.length)
  const mask = (1n << width) - 1n
  const known = new Map<string, CellComparison | undefined>()
  const byPerson = new Map<PersonRow, Map<bigint, CellComparison | undefined>>()
  return (bits: bigint, person: PersonRow): CellComparison | undefined => {
    const own = byPerson.get(person) ?? new Map<bigint, CellComparison | undefined>()
    byPerson.set(person, own)
    if (own.has(bits)) return own.get(bits)
    const pair = { before: was.matches(bits >> width, person), after: is.matches(bits & mask, person) }
    const key = cellKey(bits, person, [...pair.before, ...pair.after] satisfies Match[])
    const found = known.has(key) ? known.get(key) : meanTheSame(pair) ? undefined : compareCell(pair, { now, party: person.party, times })
    known.set(key, found)
    own.set(bits, found)
    return found
  }
}

function involvedIn(cells: readonly ChangedCell[]): { readonly before: ReadonlySet<number>; readonly after: ReadonlySet<number> } {
  const lines = (side: 'before' | 'after') => new Set(cells.flatMap((cell) => cell[side].ways.map(({ line }) => line)))
  return { before: lines('before'), after: lines('after') }
}

function summarize(cells: readonly ChangedCell[], { counts, reworded }: Pick<PolicyDiff, 'counts' | 'reworded'>): PolicyDiff {
  const rows = mergeChanges(cells)
  const of = (change: Change) => rows.filter((row) => row.change === change)
  const coverage = counts.sampled > 0 ? 'sampled' : 'complete'
  const text = [
    ...CHANGES.flatMap((change) => of(change).map((row) => row.text)),
    ...reworded.map((one) => `${one.text}.`),
    ...(cells.length === 0 ? ['Nobody gains or loses access.'] : []),
    coverage === 'complete'
      ? `Complete: all ${counts.cells} combinations of person, thing and ability were compared.`
      : `Sampled: in ${counts.sampled} of ${counts.cells} combinations, the rules combine in more ways than were tried.`,
  ]
  return { gains: of('gains'), loses: of('loses'), limits: of('limits'), reworded, cells, coverage, counts, text }
}
