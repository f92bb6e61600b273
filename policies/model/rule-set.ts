// The rule set: what an owner's document says, without its YAML. Immutable; everything after it (Rego, sentences, tables) reads only this.
import type { DateRange } from '../conditions/date-range.ts'
import type { Condition } from '../conditions/registry.ts'
import type { AskMode } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { Obligation } from '../contract/obligations.ts'
import type { ReasonCode } from '../contract/reasons.ts'

export type Person =
  /** In lower case. */
  | { readonly kind: 'email'; readonly email: string }
  /** Of an e-mail address, in lower case. */
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'subject'; readonly issuer: string; readonly subject: string }
  /** Whoever comes through this app. */
  | { readonly kind: 'client'; readonly client: string }
  /** This app in its own name. */
  | { readonly kind: 'service'; readonly client: string }
  | { readonly kind: 'device'; readonly device: string }

export type Who =
  | Person
  /** A name of `people`: one person's nickname or a group. */
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'anyone' }
  /** Whoever opened the link of the share. */
  | { readonly kind: 'link' }

export type ThingWord = { readonly kind: 'thing' | 'type' | 'tag' | 'device'; readonly name: string } | { readonly kind: 'everything' }

export type What =
  | ThingWord
  /** A name of `things`. */
  | { readonly kind: 'named'; readonly name: string }

export interface Share {
  readonly name: string
  /** 1-based line of the share in the owner's text. */
  readonly line: number
  readonly who: readonly Who[]
  readonly what: readonly What[]
  /** Scopes; `everything` stands for every scope. */
  readonly may: readonly string[]
  /** In the order of the registry. */
  readonly conditions: readonly Condition[]
  /** False: the share allows without asking. */
  readonly ask: AskMode | false
  /** In the order of the registry. */
  readonly obligations: readonly Obligation[]
}

/** An entry of `block` or `pause`: while its conditions hold, nobody of `who` gets anything of `what`, whatever the shares say. */
export interface Stop {
  readonly name: string | undefined
  readonly line: number
  /** Undefined: everyone. */
  readonly who: readonly Who[] | undefined
  /** Undefined: everything. */
  readonly what: readonly What[] | undefined
  /** Scopes; undefined or `everything`: every scope. */
  readonly may: readonly string[] | undefined
  /** It is in force unless what is known of a request rules one of them out. */
  readonly conditions: readonly Condition[]
}

/** A question with its answer. What it leaves out is not known of the request. */
export interface Expectation {
  readonly line: number
  readonly column: number
  readonly who: Exclude<Who, { readonly kind: 'group' }>
  readonly what: ThingWord
  readonly may: string
  /** RFC 3339 in UTC with milliseconds; undefined means the time of the save. */
  readonly at: string | undefined
  readonly from: string | undefined
  readonly facts: ExpectedFacts
  readonly answer: 'allow' | 'deny' | 'ask'
  /** A reason that must be among those of the answer. */
  readonly because: ReasonCode | undefined
}

export interface ExpectedFacts {
  readonly purpose: string | undefined
  readonly client: string | undefined
  readonly proof: DecisionInput['proof']['method'] | undefined
  readonly acr: string | undefined
  readonly link: string | undefined
  readonly state: string | undefined
  readonly attributes: DecisionInput['resource']['attributes'] | undefined
}

/** The names that a document gives; each is resolved to its last words. */
export interface Vocabulary {
  /** In the order of the text. */
  readonly people: ReadonlyMap<string, readonly Person[]>
  readonly things: ReadonlyMap<string, readonly ThingWord[]>
  /** CIDR. */
  readonly places: ReadonlyMap<string, readonly string[]>
  readonly calendars: ReadonlyMap<string, readonly DateRange[]>
}

export interface RuleSet extends Vocabulary {
  readonly shares: readonly Share[]
  readonly block: readonly Stop[]
  readonly pause: readonly Stop[]
  readonly expect: readonly Expectation[]
}
