// `can`: everything a person can do, everyone who can do something with a thing, or the whole table. What is not listed is never allowed.
import { type AccessCell, type AccessTable, type Answer, listAccess } from '../analysis/list-access.ts'
import type { Way } from '../analysis/rule-words.ts'
import { existingCells, type Household } from '../analysis/universe.ts'
import type { Effect } from '../contract/decision.ts'
import type { RuleSet } from '../model/rule-set.ts'
import { parsePolicy } from '../parse-policy.ts'
import { didYouMean } from '../suggest.ts'
import { boundedBy, readOptions, refused, type TablePorts, type ToolResult, type ToolSource, tooLong } from './tool-result.ts'

/** A word of the document or of the household, as the table has it; undefined: all. */
export interface ListFilter {
  readonly who?: string | undefined
  readonly what?: string | undefined
  readonly may?: string | undefined
}

export interface ListedRow {
  readonly id: string
  readonly kind: string
  readonly label: string
}

export interface ListedCell {
  readonly who: string
  readonly what: string
  readonly may: string
  readonly answer: Exclude<Answer, 'never'>
  readonly effects: readonly Effect[]
  readonly ways: readonly Way[]
  /** In plain words. */
  readonly text: string
}

export interface ListResult extends ToolResult {
  /** `sampled`: some rules combine in more ways than were tried. */
  readonly coverage?: AccessTable['coverage']
  /** Those that the list speaks of. */
  readonly people: readonly ListedRow[]
  readonly things: readonly ListedRow[]
  readonly abilities: readonly string[]
  /** Without those that are never allowed. */
  readonly cells: readonly ListedCell[]
}

const NOTHING_LISTED = { people: [], things: [], abilities: [], cells: [] } as const

export type UnknownWord = { readonly option: keyof ListFilter; readonly word: string; readonly message: string }
export type ListAnswer = { readonly result: ListResult } | { readonly unknown: UnknownWord }

export function listRules(source: ToolSource, filter: ListFilter, ports: TablePorts): ListAnswer {
  const rules = parsePolicy(readOptions(source, ports))
  if (!rules.ok) return { result: { ...refused(rules.error), ...NOTHING_LISTED } }
  const household = withPerson(ports.household ?? {}, filter.who)
  const table = boundedBy(ports, () => listAccess({ ruleSet: rules.value, household, now: ports.now }))
  if (table === undefined) return { result: { ...refused([tooLong(source)]), ...NOTHING_LISTED } }
  const chosen = choose(table, filter, rules.value)
  if ('unknown' in chosen) return chosen
  const { people, abilities } = chosen
  const exists = existingCells(ports.household)
  // A word that was asked for is listed whether or not a thing stands behind it.
  const things = chosen.things.filter((thing) => filter.what !== undefined || exists.thing(thing))
  const cells = table.cells.filter(
    ({ person, thing, ability }) => people.includes(person) && things.includes(thing) && abilities.includes(ability) && exists.ability(thing, ability),
  )
  return {
    result: {
      ok: true,
      diagnostics: [],
      warnings: [],
      coverage: cells.every(({ complete }) => complete) ? 'complete' : 'sampled',
      people: people.map(rowOf),
      things: things.map(rowOf),
      abilities: abilities.filter((ability) => things.some((thing) => exists.ability(thing, ability))).map(({ id }) => id),
      cells: cells.flatMap(cellOf),
    },
  }
}

type Chosen = Pick<AccessTable, 'people' | 'things' | 'abilities'>

/** An address that nobody speaks of is somebody too: with what anyone may do. */
function withPerson(household: Household, who: string | undefined): Household {
  return who === undefined || !EMAIL.test(who) ? household : { ...household, people: [...(household.people ?? []), { email: who }] }
}

const EMAIL = /^[^@\s:]+@[^@\s:]+$/

function choose({ people, things, abilities }: AccessTable, { who, what, may }: ListFilter, rules: RuleSet): Chosen | { readonly unknown: UnknownWord } {
  const nicknamed = (rules.things.get(what ?? '') ?? []).map((word) => ('name' in word ? `${word.kind}:${word.name}` : word.kind))
  const chosen = {
    people: people.filter(({ id, names }) => who === undefined || id === who || id === who.toLowerCase() || names.includes(who)),
    things: things.filter(({ id }) => what === undefined || id === what || id === `thing:${what}` || nicknamed.includes(id)),
    abilities: abilities.filter(({ id }) => may === undefined || id === may),
  }
  if (chosen.people.length === 0)
    return unknown(
      'who',
      who,
      people.flatMap(({ id, names }) => [id, ...names]),
    )
  if (chosen.things.length === 0) return unknown('what', what, [...rules.things.keys(), ...things.map(({ id }) => id.replace(/^thing:/, ''))])
  return chosen.abilities.length === 0 && may !== undefined
    ? unknown(
        'may',
        may,
        abilities.map(({ id }) => id),
      )
    : chosen
}

function unknown(option: keyof ListFilter, word = '', known: readonly string[] = []): { readonly unknown: UnknownWord } {
  return { unknown: { option, word, message: `neither the rules nor the household mention ${JSON.stringify(word)}.${didYouMean(word, known)}` } }
}

function rowOf({ id, kind, label }: ListedRow): ListedRow {
  return { id, kind, label }
}

function cellOf({ person, thing, ability, answer, effects, ways, text }: AccessCell): readonly ListedCell[] {
  return answer === 'never' ? [] : [{ who: person.id, what: thing.id, may: ability.id, answer, effects, ways, text }]
}
