// When a share that was missed would fit, and what beside the time would have to be otherwise. Bounded: a year after now and after each date of the share.
import { findMoment, HORIZON_DAYS, isTimeMark } from '../analysis/time-points.ts'
import { toUtcText } from '../conditions/instant.ts'
import { type Condition, kindOf } from '../conditions/registry.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import { momentWords } from './moment-words.ts'

export type NextOpening =
  /** From this moment on, if what stands in `also` is so too. */
  | { readonly kind: 'at'; readonly at: string; readonly local: string; readonly also: readonly string[] }
  /** At once, if these were so. */
  | { readonly kind: 'change'; readonly also: readonly string[] }
  /** It has ended. */
  | { readonly kind: 'never_again' }
  /** Its hours, days and dates meet on none of these days. */
  | { readonly kind: 'not_found'; readonly days: number }

export interface OpeningOptions {
  /** All of them must hold. */
  readonly conditions: readonly Condition[]
  readonly input: DecisionInput
  /** A further test of a moment at which the conditions on time hold. */
  readonly accepts?: (input: DecisionInput) => boolean
}

export function findNextOpening({ conditions, input, accepts = () => true }: OpeningOptions): NextOpening {
  const missed = conditions.filter((one) => !kindOf(one).holds(one, input))
  const also = missed.filter((one) => !isOnTime(one)).map((one) => kindOf(one).sentence(one))
  if (missed.some(({ kind }) => kind === 'until')) return { kind: 'never_again' }
  if (!missed.some(isOnTime) && also.length > 0) return { kind: 'change', also }
  const timed = conditions.filter(isOnTime)
  const marks = timed.flatMap((one) => kindOf(one).marks(one)).filter(isTimeMark)
  const at = findMoment({ marks, from: Date.parse(input.now) }, (moment) => {
    const later = { ...input, now: toUtcText(moment) }
    return timed.every((one) => kindOf(one).holds(one, later)) && accepts(later)
  })
  if (at === undefined) return { kind: 'not_found', days: HORIZON_DAYS }
  return { kind: 'at', at: toUtcText(at), local: momentWords(at, zoneOf([...missed, ...timed])), also }
}

/** After "would allow it". */
export function openingWords(next: NextOpening): string {
  switch (next.kind) {
    case 'at':
      return `from ${next.local}${next.also.length > 0 ? `, but only ${next.also.join(' and ')}` : ''}`
    case 'change':
      return next.also.join(' and ')
    case 'never_again':
      return 'never again: it has ended'
    case 'not_found':
      return `on none of the next ${next.days} days`
  }
}

export function isOnTime(condition: Condition): boolean {
  return kindOf(condition).marks(condition).some(isTimeMark)
}

/** That of the first condition that has one: what was missed comes first. */
export function zoneOf(conditions: readonly Condition[]): string {
  return conditions.flatMap((one) => ('timezone' in one ? [one.timezone] : []))[0] ?? 'UTC'
}
