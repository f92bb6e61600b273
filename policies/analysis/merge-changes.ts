// Changed cells to rows that a person can read: cells that change alike stand together, as people, things and abilities.
import type { CellChange, Change, Side } from './compare-cell.ts'
import type { AbilityRow, PersonRow, ThingRow } from './universe.ts'

export interface ChangedCell extends CellChange {
  readonly person: PersonRow
  readonly thing: ThingRow
  readonly ability: AbilityRow
}

/** Each of these people, with each of these things, for each of these abilities. */
export interface ChangeRow {
  readonly change: Change
  readonly people: readonly PersonRow[]
  readonly things: readonly ThingRow[]
  readonly abilities: readonly AbilityRow[]
  readonly before: Side
  readonly after: Side
  /** In plain words. */
  readonly text: string
}

interface Group {
  readonly cell: ChangedCell
  readonly people: Set<PersonRow>
  readonly things: Set<ThingRow>
  readonly abilities: Set<AbilityRow>
}

/** No cell is lost, none is added. */
export function mergeChanges(cells: readonly ChangedCell[]): readonly ChangeRow[] {
  const single = cells.map((cell): Group => ({ cell, people: new Set([cell.person]), things: new Set([cell.thing]), abilities: new Set([cell.ability]) }))
  const abilities = join(single, ({ people, things }) => [people, things])
  const things = join(abilities, (group) => [group.people, group.abilities])
  const people = join(things, (group) => [group.things, group.abilities])
  return people.map(toRow)
}

/** Groups that differ in one edge alone become one. */
function join(groups: readonly Group[], same: (group: Group) => readonly ReadonlySet<{ readonly id: string }>[]): readonly Group[] {
  const found = new Map<string, Group>()
  for (const group of groups) {
    const { change, before, after } = group.cell
    const key = JSON.stringify([change, before.text, after.text, ...same(group).map((rows) => [...rows].map(({ id }) => id))])
    const known = found.get(key)
    found.set(key, known === undefined ? group : union(known, group))
  }
  return [...found.values()]
}

function union(a: Group, b: Group): Group {
  return {
    cell: a.cell,
    people: new Set([...a.people, ...b.people]),
    things: new Set([...a.things, ...b.things]),
    abilities: new Set([...a.abilities, ...b.abilities]),
  }
}

const VERBS: Readonly<Record<Change, string>> = { gains: 'gains', loses: 'loses', limits: 'keeps, under different conditions,' }

function toRow({ cell: { change, before, after }, ...group }: Group): ChangeRow {
  const [people, things, abilities] = [[...group.people], [...group.things], [...group.abilities]]
  const text = `${labels(people)} ${VERBS[change]} ${labels(abilities)} of ${labels(things)}. Before: ${before.text}. After: ${after.text}.`
  return { change, people, things, abilities, before, after, text }
}

function labels(rows: readonly { readonly label: string }[]): string {
  return rows.map(({ label }) => label).join(', ')
}
