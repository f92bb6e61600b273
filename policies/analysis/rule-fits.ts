// Who, what and may of a rule against one party and one thing: surely, never, or only by an app, a device or a link. It looks at no condition.
import type { DecisionInput } from '../contract/decision-input.ts'
import { expandWhat, expandWho } from '../model/expand.ts'
import type { RuleSet, Share, Stop, What, Who } from '../model/rule-set.ts'
import { EVERYTHING } from '../words.ts'

/** What is known of a party; a member that is undefined differs from request to request. */
export interface KnownParty {
  /** Empty for somebody who has not signed in. */
  readonly sub: string
  readonly issuer: string
  /** Verified; null where the party has none. */
  readonly email: string | null
  readonly client_id: string | undefined
  readonly device_id: string | null | undefined
  readonly link: string | null | undefined
}

export type KnownThing = Pick<DecisionInput['resource'], 'key' | 'type' | 'tags' | 'device_id'>

type Word = Exclude<Who, { readonly kind: 'group' }>
/** Words that may fit in one request and not in another of the same party. */
export type Through = Extract<Word, { readonly kind: 'client' | 'device' | 'link' }>

/** True: always. A list: in a request that one of these words fits. False: never. */
export type WhoFit = boolean | readonly Through[]

type Rule = Pick<Share | Stop, 'name' | 'who'>

export function fitWho({ name, who }: Rule, party: KnownParty, ruleSet: Pick<RuleSet, 'people'>): WhoFit {
  if (who === undefined) return true
  const fits = expandWho(who, ruleSet).map((word) => fitWord(word, party, name ?? ''))
  if (fits.includes(true)) return true
  const through = fits.flatMap((fit) => (typeof fit === 'boolean' ? [] : fit))
  return through.length > 0 ? through : false
}

function fitWord(word: Word, party: KnownParty, link: string): WhoFit {
  const known = party.sub !== ''
  switch (word.kind) {
    case 'anyone':
      return known
    case 'email':
      return known && party.email === word.email
    case 'domain':
      return known && (party.email ?? '').endsWith(`@${word.domain}`)
    case 'subject':
      return known && party.issuer === word.issuer && party.sub === word.subject
    case 'client':
      return known && fitFact(word, party.client_id, word.client)
    case 'service':
      return party.client_id === word.client && party.sub === word.client && party.device_id === null
    case 'device':
      return known && fitFact(word, party.device_id, word.device)
    case 'link':
      return fitFact(word, party.link, link)
  }
}

function fitFact(word: Through, fact: string | null | undefined, wanted: string): WhoFit {
  return fact === undefined ? [word] : fact === wanted
}

export function fitsWhat(what: readonly What[] | undefined, thing: KnownThing, ruleSet: Pick<RuleSet, 'things'>): boolean {
  return what === undefined || expandWhat(what, ruleSet).some((word) => fitsThing(word, thing))
}

function fitsThing(word: Exclude<What, { readonly kind: 'named' }>, thing: KnownThing): boolean {
  switch (word.kind) {
    case 'everything':
      return true
    case 'thing':
      return word.name === thing.key
    case 'type':
      return word.name === thing.type
    case 'device':
      return word.name === thing.device_id
    case 'tag':
      return thing.tags.includes(word.name)
  }
}

export function fitsMay(may: readonly string[] | undefined, ability: string): boolean {
  return may === undefined || may.includes(EVERYTHING) || may.includes(ability)
}
