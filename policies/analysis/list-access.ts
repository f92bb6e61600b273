// Who can do what: every cell of people, things and abilities, from a moment on, with the rules that decide it. Agrees with each single decision.
import type { Effect } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { RuleSet } from '../model/rule-set.ts'
import { effectOf, inForceOf } from './effect-of.ts'
import { createMatcher, type Match } from './match-rules.ts'
import { type Circumstances, reachableStates } from './reachable-states.ts'
import { type Way, wayOf, wayWords } from './rule-words.ts'
import { TimeTable } from './time-table.ts'
import { type AbilityRow, buildUniverse, type Household, type PersonRow, type ThingRow } from './universe.ts'

export interface AccessOptions {
  readonly ruleSet: RuleSet
  readonly household: Household
  /** Milliseconds since 1970. What ended before counts no more; what begins later does. */
  readonly now: number
}

/** `allow`, `ask` and `never`: in every request from now on. `sometimes`: it depends on the request or its time. */
export type Answer = 'allow' | 'sometimes' | 'ask' | 'never'

export interface Sample {
  readonly effect: Effect
  readonly sample: DecisionInput
}

export interface AccessCell {
  readonly person: PersonRow
  readonly thing: ThingRow
  readonly ability: AbilityRow
  readonly answer: Answer
  /** All that some request gets, from most to least. */
  readonly effects: readonly Effect[]
  /** For each of these effects, a request that gets it (`cellInput` completes it). */
  readonly samples: readonly Sample[]
  /** Every rule that decides some of these requests, in the order of the document. */
  readonly ways: readonly Way[]
  /** In plain words. */
  readonly text: string
  /** False: the rules of this cell combine in more ways than were tried; `effects` may lack one, and the answer then is sometimes. */
  readonly complete: boolean
}

export interface AccessTable {
  readonly people: readonly PersonRow[]
  readonly things: readonly ThingRow[]
  readonly abilities: readonly AbilityRow[]
  /** Person by person, thing by thing, ability by ability; none left out. */
  readonly cells: readonly AccessCell[]
  readonly coverage: 'complete' | 'sampled'
}

export function listAccess({ ruleSet, household, now }: AccessOptions): AccessTable {
  const universe = buildUniverse([ruleSet], household)
  const matcher = createMatcher(ruleSet)
  const things = universe.things.map((thing) => ({ thing, bits: matcher.forThing(thing) }))
  const abilities = universe.abilities.map((ability) => ({ ability, bits: matcher.forAbility(ability) }))
  const known = new Map<string, CellAnswer>()
  const times = new TimeTable(now)
  const answer = (bits: bigint, person: PersonRow): CellAnswer => {
    const matches = matcher.matches(bits, person)
    const key = cellKey(bits, person, matches)
    const found = known.get(key) ?? answerCell(matches, { now, party: person.party, times })
    known.set(key, found)
    return found
  }
  const cells = universe.people.flatMap((person) => {
    const own = matcher.forPerson(person)
    const byBits = new Map<bigint, CellAnswer>()
    return things.flatMap(({ thing, bits }) =>
      abilities.map(({ ability, bits: able }): AccessCell => {
        const all = own & bits & able
        const found = byBits.get(all) ?? answer(all, person)
        byBits.set(all, found)
        return { person, thing, ability, ...found }
      }),
    )
  })
  return { ...universe, cells, coverage: cells.every(({ complete }) => complete) ? 'complete' : 'sampled' }
}

/** Everything one person can do: the rows of a person, by id. Never left out: what they can never do. */
export function accessOf(table: AccessTable, person: string): readonly AccessCell[] {
  return table.cells.filter((cell) => cell.person.id === person)
}

/** Everyone who can do something with a thing, by its id; without an ability, anything. */
export function accessTo(table: AccessTable, thing: string, ability?: string): readonly AccessCell[] {
  return table.cells.filter((cell) => cell.thing.id === thing && (ability === undefined || cell.ability.id === ability))
}

type CellAnswer = Omit<AccessCell, 'person' | 'thing' | 'ability'>

/** Cells with this key have one answer: the same rules, met in the same way by a party of whom the same is known. */
export function cellKey(bits: bigint, { party }: PersonRow, matches: readonly Match[]): string {
  const through = matches.map(({ entry }) => entry.through ?? null)
  return JSON.stringify([bits.toString(36), party.client_id ?? null, party.device_id === undefined, party.device_id, party.link ?? null, through])
}

function answerCell(matches: readonly Match[], circumstances: Circumstances): CellAnswer {
  const entries = matches.map(({ entry }) => entry)
  const { states, complete } = reachableStates(entries, circumstances)
  const outcomes = states.map(({ inForce, sample }) => ({ ...effectOf(inForceOf(matches, inForce)), sample }))
  const samples = EFFECTS.flatMap((effect) => outcomes.find((outcome) => outcome.effect === effect) ?? []).map(({ effect, sample }) => ({ effect, sample }))
  const effects = samples.map(({ effect }) => effect)
  const deciding = new Set(outcomes.flatMap((outcome) => outcome.deciding))
  const ways = matches.filter((match) => deciding.has(match)).map(wayOf)
  const answer = complete ? answerOf(effects) : 'sometimes'
  return { answer, effects, samples, ways, complete, text: [ANSWER_WORDS[answer], ...ways.map(wayWords)].join('; ') }
}

const EFFECTS: readonly Effect[] = ['allow', 'ask', 'deny']

const ANSWER_WORDS: Readonly<Record<Answer, string>> = { allow: 'always', sometimes: 'only sometimes', ask: 'only if the owner agrees', never: 'never' }

function answerOf(effects: readonly Effect[]): Answer {
  const [first, ...others] = effects
  if (others.length > 0) return 'sometimes'
  return first === 'allow' || first === 'ask' ? first : 'never'
}
