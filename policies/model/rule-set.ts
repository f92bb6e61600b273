// The rule set: what an owner's document says, without its YAML. Immutable; everything after it (Rego, sentences, edits) reads only this.

export type Who = { readonly kind: 'email'; readonly email: string } | { readonly kind: 'group'; readonly name: string } | { readonly kind: 'anyone' }

export type What = { readonly kind: 'thing' | 'type' | 'tag'; readonly name: string } | { readonly kind: 'everything' }

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** A clock time of each day, as minutes since local midnight, 0 to 1440. */
export type MinuteOfDay = number

export interface DaysCondition {
  readonly kind: 'days'
  readonly days: readonly Weekday[]
  readonly timezone: string
  /** Where the share's hours cross midnight, the early part belongs to the day before: until this minute. Else 0. */
  readonly dayBeginsAt: MinuteOfDay
}

export interface BetweenCondition {
  readonly kind: 'between'
  /** Included. */
  readonly start: MinuteOfDay
  /** Not included. Less than start where the hours cross midnight. */
  readonly end: MinuteOfDay
  readonly timezone: string
}

export interface FromCondition {
  readonly kind: 'from'
  /** CIDR, IPv4 or IPv6. */
  readonly networks: readonly string[]
}

export type UntilCondition =
  | { readonly kind: 'until'; readonly date: readonly [year: number, month: number, day: number]; readonly timezone: string }
  /** RFC 3339 in UTC with milliseconds; not included. */
  | { readonly kind: 'until'; readonly instant: string }

export type Condition = DaysCondition | BetweenCondition | FromCondition | UntilCondition

export interface Share {
  readonly name: string
  /** 1-based line of the share in the owner's text. */
  readonly line: number
  readonly who: readonly Who[]
  readonly what: readonly What[]
  /** Scopes; `everything` stands for every scope. */
  readonly may: readonly string[]
  readonly conditions: readonly Condition[]
  readonly ask: boolean
  /** JSONPath of the small form. */
  readonly hide: readonly string[]
}

export interface Block {
  readonly name: string | undefined
  readonly line: number
  readonly who: readonly Who[]
}

export interface Expectation {
  readonly line: number
  readonly column: number
  readonly who: Who
  readonly what: What
  readonly may: string
  /** RFC 3339 in UTC with milliseconds; undefined means the time of the save. */
  readonly at: string | undefined
  readonly from: string | undefined
  readonly answer: 'allow' | 'deny' | 'ask'
}

export interface RuleSet {
  /** Lower-case addresses by group name, in the order of the text. */
  readonly people: ReadonlyMap<string, readonly string[]>
  readonly shares: readonly Share[]
  readonly block: readonly Block[]
  readonly expect: readonly Expectation[]
}
