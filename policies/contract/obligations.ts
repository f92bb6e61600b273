// What a decision may ask of the one that carries it out. Declared data; an obligation that is unknown or cannot be met is a refusal.

/**
 * Paths are of the small form of RFC 9535: `$`, then names (`.a`, `['a b']`), wildcards (`.*`, `[*]`) and descendants (`..a`, `..['a b']`).
 * The names of descendants in `hide` and `round` are compared without regard to case: a different spelling must not show the value.
 */
export type Path = string

/** What happens to an answer that is not JSON, in which nothing can be hidden. */
export type OtherAnswers = 'refuse' | 'allow'

/** The answer is refused if one of the paths leads nowhere in it. */
export type Must = 'found'

/** Remove these places from a JSON answer. */
export interface HideObligation {
  readonly kind: 'hide'
  readonly paths: readonly Path[]
  readonly other_answers: OtherAnswers
  readonly must?: Must
}

/** Remove all but these places, and what leads to them, from a JSON answer. */
export interface OnlyFieldsObligation {
  readonly kind: 'only_fields'
  readonly paths: readonly Path[]
  readonly other_answers: OtherAnswers
  readonly must?: Must
}

/** Make what stands at this place of a JSON answer coarser. */
export interface RoundObligation {
  readonly kind: 'round'
  readonly path: Path
  /** `position`: an object of latitude and longitude, or an array [longitude, latitude] (RFC 7946); `time`: RFC 3339 text or seconds since 1970. */
  readonly of: 'number' | 'position' | 'time'
  /** Plain for numbers, metres for positions, seconds for times; more than 0. */
  readonly step: number
  readonly must?: Must
}

/** Take out of a JSON answer each item that is younger than this. */
export interface DelayObligation {
  readonly kind: 'delay'
  readonly seconds: number
  /** Leads to the time of each item: RFC 3339 text, or seconds since 1970. */
  readonly path: Path
}

/** So many requests of one party under one share, in each span of time or in all. */
export interface LimitObligation {
  readonly kind: 'limit'
  readonly rule: string
  readonly uses: number
  /** Null: in all, or in each calendar period. */
  readonly per_seconds: number | null
  /** In each day, week, month or year of the calendar; `timezone` says where. */
  readonly calendar?: 'day' | 'week' | 'month' | 'year'
  readonly timezone?: string
}

/** The owner is told of each request. */
export interface NotifyObligation {
  readonly kind: 'notify'
  readonly rule: string
}

export type Obligation = HideObligation | OnlyFieldsObligation | RoundObligation | DelayObligation | LimitObligation | NotifyObligation
