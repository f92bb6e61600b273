// The people, things and abilities of a rule in plain words. English only for now.
import type { RuleSet, Vocabulary, What, Who } from '../model/rule-set.ts'
import { EVERYTHING } from '../words.ts'

/** `a`, `a and b`, `a, b and c`. */
export function listInWords(items: readonly string[]): string {
  const last = items.at(-1) ?? ''
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`
}

/** More names than a sentence bears are counted. */
const MEMBERS_TOLD_MAX = 10

export function whoInWords(who: readonly Who[], vocabulary: Pick<RuleSet, 'people'>): string {
  return listInWords(who.map((one) => nameWho(one, vocabulary)))
}

function nameWho(one: Who, vocabulary: Pick<Vocabulary, 'people'>): string {
  switch (one.kind) {
    case 'anyone':
      return 'anyone who is signed in'
    case 'link':
      return 'anyone who has the link'
    case 'email':
      return one.email
    case 'group':
      return nameGroup(one.name, vocabulary)
    case 'domain':
      return `everyone at ${one.domain}`
    case 'subject':
      return `${one.subject} of ${one.issuer}`
    case 'client':
      return `anyone who uses the app ${one.client}`
    case 'service':
      return `the service ${one.client}`
    case 'device':
      return `the device ${one.device}`
  }
}

function nameGroup(name: string, vocabulary: Pick<Vocabulary, 'people'>): string {
  const members = (vocabulary.people.get(name) ?? []).map((person) => nameWho(person, vocabulary))
  const more = members.length - MEMBERS_TOLD_MAX
  return `${name} (${listInWords(more > 0 ? [...members.slice(0, MEMBERS_TOLD_MAX), `${more} more`] : members)})`
}

export function whatInWords(what: readonly What[]): string {
  return listInWords(what.map(nameWhat))
}

function nameWhat(what: What): string {
  switch (what.kind) {
    case 'thing':
    case 'named':
      return what.name
    case 'device':
      return `everything of the device ${what.name}`
    case 'type':
      return `everything of type ${what.name}`
    case 'tag':
      return `everything tagged ${what.name}`
    case 'everything':
      return 'everything you have'
  }
}

export function mayInWords(may: readonly string[]): string {
  return may.includes(EVERYTHING) ? 'do everything' : listInWords(may)
}

/** For the beginning of a sentence; an address keeps its own first letter. */
export function capitalized(text: string): string {
  return text.startsWith('anyone') || text.startsWith('everyone') || text.startsWith('the ') ? `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` : text
}
