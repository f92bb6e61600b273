// Everyone, everything and every ability that a document tells apart, the household's own included: the edges of the table of who can do what.

import { whoWord } from '../model/names.ts'
import type { Person, RuleSet, ThingWord } from '../model/rule-set.ts'
import { EVERYTHING } from '../words.ts'
import type { KnownParty, KnownThing } from './rule-fits.ts'

export interface HouseholdPerson {
  /** As the owner calls them; else the address. */
  readonly name?: string
  readonly email?: string
  readonly issuer?: string
  readonly subject?: string
}

export interface HouseholdThing {
  readonly key: string
  readonly type: string
  readonly tags: readonly string[]
  readonly device_id?: string | null
  /** Abilities of this thing. */
  readonly abilities?: readonly string[]
}

export interface Household {
  readonly people?: readonly HouseholdPerson[]
  readonly things?: readonly HouseholdThing[]
  readonly abilities?: readonly string[]
}

/**
 * One row: a party of whom just this is known, and whom the document names in no other way.
 * A person may be several rows at once, and then can do what all of them can: somebody in a domain, coming through an app, on a device.
 * - person: this address (verified) or subject; by any app, on any device, with any link
 * - domain: any other address of the domain; by any app, on any device, with any link
 * - client: anybody else by this app. service: this app in its own name. device: anybody else on this device
 * - link: whoever has the link and has not signed in. anyone: anybody else who has signed in
 */
export type PersonKind = 'person' | 'domain' | 'client' | 'service' | 'device' | 'link' | 'anyone'

export interface PersonRow {
  /** A word of `who`, or its JSON; unique among the rows. */
  readonly id: string
  readonly kind: PersonKind
  /** In plain words. */
  readonly label: string
  /** Names of `people` that lead to this row. */
  readonly names: readonly string[]
  readonly party: KnownParty
}

/** A thing of the household or of the document. A row of a type, tag or device is any other thing of which only this is known; a thing may be several. */
export interface ThingRow {
  /** A word of `what`, `thing:` before a key. */
  readonly id: string
  readonly kind: ThingWord['kind']
  readonly label: string
  readonly thing: KnownThing
}

export interface AbilityRow {
  /** The scope; `everything` for any that nobody names. */
  readonly id: string
  readonly label: string
  /** What a request has: for "any other", a text that no scope is. */
  readonly scope: string
}

export interface Universe {
  readonly people: readonly PersonRow[]
  readonly things: readonly ThingRow[]
  readonly abilities: readonly AbilityRow[]
}

/** No word of a rule holds control characters, so it is like nothing that is named. */
const OTHER = '\u0000other'

/** Of several documents together, so that they can be compared row by row. */
export function buildUniverse(ruleSets: readonly RuleSet[], household: Household): Universe {
  return { people: peopleRows(ruleSets, household), things: thingRows(ruleSets, household), abilities: abilityRows(ruleSets, household) }
}

function peopleRows(ruleSets: readonly RuleSet[], { people = [] }: Household): readonly PersonRow[] {
  const found = [...people.map(householdRow), ...ruleSets.flatMap(namedRows), ...ruleSets.flatMap(wordRows), ANYONE]
  const rows = new Map<string, PersonRow>()
  // The first of each: what the household knows of a person is more than the address.
  for (const row of found) {
    const known = rows.get(row.id) ?? row
    rows.set(row.id, { ...known, names: [...new Set([...known.names, ...row.names])] })
  }
  return [...rows.values()]
}

function namedRows({ people }: RuleSet): readonly PersonRow[] {
  return [...people].flatMap(([name, members]) => members.map((member) => ({ ...personRow(member), names: [name] })))
}

function wordRows({ shares, block, pause }: RuleSet): readonly PersonRow[] {
  return [...shares, ...block, ...pause].flatMap(({ name = '', who = [] }) =>
    who.flatMap((word) => {
      if (word.kind === 'link') return [linkRow(name)]
      return word.kind === 'anyone' || word.kind === 'group' ? [] : [personRow(word)]
    }),
  )
}

function party(known: Partial<KnownParty>): KnownParty {
  return { sub: OTHER, issuer: OTHER, email: null, client_id: undefined, device_id: undefined, link: undefined, ...known }
}

const ANYONE: PersonRow = { id: 'anyone-signed-in', kind: 'anyone', label: 'anyone else who is signed in', names: [], party: party({}) }

function householdRow({ name, email, issuer, subject }: HouseholdPerson): PersonRow {
  const address = email?.toLowerCase()
  const known = { ...(address === undefined ? {} : { email: address }), ...(subject === undefined ? {} : { issuer: issuer ?? OTHER, sub: subject }) }
  const id = address ?? JSON.stringify({ issuer: issuer ?? OTHER, subject: subject ?? name ?? OTHER })
  return { id, kind: 'person', label: name ?? address ?? subject ?? id, names: [], party: party(known) }
}

function personRow(person: Person): PersonRow {
  const word = whoWord(person)
  const id = typeof word === 'string' ? word : JSON.stringify(word)
  switch (person.kind) {
    case 'email':
      return { id, kind: 'person', label: person.email, names: [], party: party({ email: person.email }) }
    case 'subject':
      return { id, kind: 'person', label: `${person.subject} of ${person.issuer}`, names: [], party: party({ issuer: person.issuer, sub: person.subject }) }
    case 'domain':
      return { id, kind: 'domain', label: `anyone else at ${person.domain}`, names: [], party: party({ email: `${OTHER}@${person.domain}` }) }
    case 'client':
      return { id, kind: 'client', label: `anyone else with the app ${person.client}`, names: [], party: party({ client_id: person.client }) }
    case 'service':
      return {
        id,
        kind: 'service',
        label: `the app ${person.client} itself`,
        names: [],
        party: party({ client_id: person.client, sub: person.client, device_id: null }),
      }
    case 'device':
      return { id, kind: 'device', label: `anyone else on the device ${person.device}`, names: [], party: party({ device_id: person.device }) }
  }
}

function linkRow(name: string): PersonRow {
  const label = `anyone with the link of "${name}", not signed in`
  return { id: `anyone-with-link ${name}`, kind: 'link', label, names: [], party: party({ sub: '', device_id: null, link: name }) }
}

function thingRows(ruleSets: readonly RuleSet[], { things = [] }: Household): readonly ThingRow[] {
  const words = ruleSets.flatMap((ruleSet) => [
    ...[...ruleSet.things.values()].flat(),
    ...[...ruleSet.shares, ...ruleSet.block, ...ruleSet.pause].flatMap(({ what = [] }) => what.flatMap((one) => (one.kind === 'named' ? [] : [one]))),
  ])
  const own = things.map(({ key, type, tags, device_id = null }): ThingRow => {
    return { id: `thing:${key}`, kind: 'thing', label: key, thing: { key, type, tags, device_id } }
  })
  const rows = [...own, ...words.map(thingRow), thingRow({ kind: 'everything' })]
  // The first of each: what the household knows of a thing is more than its key.
  return [...new Map(rows.toReversed().map((row) => [row.id, row])).values()].toReversed()
}

const NO_THING: KnownThing = { key: OTHER, type: OTHER, tags: [], device_id: null }

function thingRow(word: ThingWord): ThingRow {
  switch (word.kind) {
    case 'everything':
      return { id: EVERYTHING, kind: 'everything', label: 'any other thing', thing: NO_THING }
    case 'thing':
      return { id: `thing:${word.name}`, kind: 'thing', label: word.name, thing: { ...NO_THING, key: word.name } }
    case 'type':
      return { id: `type:${word.name}`, kind: 'type', label: `any other thing of the type ${word.name}`, thing: { ...NO_THING, type: word.name } }
    case 'tag':
      return { id: `tag:${word.name}`, kind: 'tag', label: `any other thing with the tag ${word.name}`, thing: { ...NO_THING, tags: [word.name] } }
    case 'device':
      return { id: `device:${word.name}`, kind: 'device', label: `any other thing of the device ${word.name}`, thing: { ...NO_THING, device_id: word.name } }
  }
}

function abilityRows(ruleSets: readonly RuleSet[], { things = [], abilities = [] }: Household): readonly AbilityRow[] {
  const used = ruleSets.flatMap(({ shares, block, pause }) => [...shares, ...block, ...pause].flatMap(({ may = [] }) => may))
  const named = new Set([...abilities, ...things.flatMap((thing) => thing.abilities ?? []), ...used].filter((one) => one !== EVERYTHING))
  const other = used.includes(EVERYTHING) ? [{ id: EVERYTHING, label: 'any other ability', scope: OTHER }] : []
  return [...[...named].map((id) => ({ id, label: id, scope: id })), ...other]
}

export interface Existing {
  /** False for a row that no thing of the household stands behind. */
  thing(row: ThingRow): boolean
  /** False where the household knows the abilities of the thing, and this is none of them. */
  ability(thing: ThingRow, ability: AbilityRow): boolean
}

/** What a household really has; where it says nothing, everything may exist. */
export function existingCells({ things }: Household = {}): Existing {
  if (things === undefined) return { thing: () => true, ability: () => true }
  const abilities = new Map(things.map((thing) => [`thing:${thing.key}`, thing.abilities]))
  return {
    thing: ({ id }) => abilities.has(id),
    ability: (thing, ability) => abilities.get(thing.id)?.includes(ability.scope) ?? true,
  }
}
