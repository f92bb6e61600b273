// `people`, `things` and `places`: the names of a document, each resolved to what stands behind it. Names may use others, but never in a circle.
import { isCalendarName, readDateRanges } from '../conditions/date-range.ts'
import { readNetworks } from '../conditions/from.ts'
import { asList } from '../conditions/one-of.ts'
import { childPointer } from '../yaml/read-yaml.ts'
import type { PolicyDocument } from './document.ts'
import { parseWhat, parseWho, type WhoWord } from './names.ts'
import type { Person, ThingWord, Vocabulary, What, Who } from './rule-set.ts'

/** Behind one name, all names in it resolved. Names in names would multiply without it. */
export const NAME_MAX_MEMBERS = 500

export interface RawVocabulary {
  readonly people?: Readonly<Record<string, WhoWord | readonly WhoWord[]>>
  readonly things?: Readonly<Record<string, string | readonly string[]>>
  readonly places?: Readonly<Record<string, readonly string[]>>
  readonly calendars?: Readonly<Record<string, string | readonly string[]>>
}

export function readVocabulary({ people = {}, things = {}, places = {}, calendars = {} }: RawVocabulary, document: PolicyDocument): Vocabulary {
  const peopleNames = Object.keys(people)
  const thingNames = Object.keys(things)
  for (const name of peopleNames) if (parseWho(name, []).ok) taken('/people', name, document)
  for (const name of thingNames) if (parseWhat(name, []).ok && name === 'everything') taken('/things', name, document)
  for (const name of Object.keys(calendars)) if (!isCalendarName(name)) taken('/calendars', name, document)
  const readPeople = Object.entries(people).map(
    ([name, words]) => [name, readMembers(words, (word) => document.who(word, peopleNames), { document, at: childPointer('/people', name) })] as const,
  )
  const readThings = Object.entries(things).map(
    ([name, words]) => [name, readMembers(words, (word) => parseWhat(word, thingNames), { document, at: childPointer('/things', name) })] as const,
  )
  return {
    people: resolve<Who, Person>(new Map(readPeople), { part: '/people', document, nameOf: groupName, isLast: isPerson }),
    things: resolve<What, ThingWord>(new Map(readThings), { part: '/things', document, nameOf: thingName, isLast: isThingWord }),
    calendars: new Map(
      Object.entries(calendars).map(([name, days]) => [name, document.keep(readDateRanges(asList(days)), childPointer('/calendars', name)).flat()]),
    ),
    places: new Map(Object.entries(places).map(([name, networks]) => [name, document.keep(readNetworks(networks), childPointer('/places', name)).flat()])),
  }
}

function taken(part: string, name: string, document: PolicyDocument): void {
  document.complainAtKey(childPointer(part, name), { code: 'bad_value', message: `"${name}" already means something else; choose another name.` })
}

interface Place {
  readonly document: PolicyDocument
  readonly at: string
}

function readMembers<W extends WhoWord, T>(
  words: W | readonly W[],
  read: (word: W) => Parameters<typeof PolicyDocument.prototype.keep<T>>[0],
  { document, at }: Place,
): readonly T[] {
  return Array.isArray(words)
    ? (words as readonly W[]).flatMap((word, index) => document.keep(read(word), `${at}/${index}`))
    : document.keep(read(words as W), at)
}

interface Resolution<T, L> {
  readonly part: string
  readonly document: PolicyDocument
  readonly nameOf: (one: T) => string | undefined
  readonly isLast: (one: T) => one is T & L
}

/** Each name once, however many use it; a circle is complained about at a name that leads into it. */
function resolve<T, L>(names: ReadonlyMap<string, readonly T[]>, { part, document, nameOf, isLast }: Resolution<T, L>): ReadonlyMap<string, readonly L[]> {
  const done = new Map<string, readonly L[]>()
  const open = new Set<string>()
  const behind = (one: T, at: string): readonly L[] => {
    const inner = nameOf(one)
    if (inner !== undefined) return visit(inner)
    if (isLast(one)) return [one]
    document.complain(at, {
      code: 'bad_value',
      message: 'Names can only stand for specific people; write anyone-signed-in and anyone-with-link in the share itself.',
    })
    return []
  }
  const visit = (name: string): readonly L[] => {
    const known = done.get(name)
    if (known !== undefined) return known
    const at = childPointer(part, name)
    if (open.has(name)) {
      document.complainAtKey(at, { code: 'name_circle', message: `"${name}" is defined by itself; remove one of the names.` })
      return []
    }
    open.add(name)
    const members = [...new Map((names.get(name) ?? []).map((one) => [JSON.stringify(one), one])).values()]
    const found = new Set(members.flatMap((one) => behind(one, at)))
    open.delete(name)
    const unique = [...new Map([...found].map((last) => [JSON.stringify(last), last])).values()]
    const fits = unique.length <= NAME_MAX_MEMBERS
    if (!fits)
      document.complainAtKey(at, {
        code: 'too_large',
        message: `"${name}" stands for ${unique.length}, including the names in it; at most ${NAME_MAX_MEMBERS} are possible.`,
      })
    done.set(name, fits ? unique : [])
    return fits ? unique : []
  }
  return new Map([...names.keys()].map((name) => [name, visit(name)]))
}

function groupName(who: Who): string | undefined {
  return who.kind === 'group' ? who.name : undefined
}

function thingName(what: What): string | undefined {
  return what.kind === 'named' ? what.name : undefined
}

function isPerson(who: Who): who is Person {
  return who.kind !== 'group' && who.kind !== 'anyone' && who.kind !== 'link'
}

function isThingWord(what: What): what is ThingWord {
  return what.kind !== 'named'
}
