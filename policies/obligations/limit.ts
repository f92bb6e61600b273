// `limit: 100 per hour`, `limit: 10 per calendar week`, `limit: 5 uses`: how often one party may use a share.
import { type Mistake, timezoneMissing } from '../conditions/condition-kind.ts'
import { isKnownZone } from '../conditions/wall-clock.ts'
import type { LimitObligation } from '../contract/obligations.ts'
import { formatDuration, parseDuration } from '../duration.ts'
import { err, ok, type Result } from '../result.ts'
import { CALENDAR_PERIODS, type CalendarPeriod } from './calendar-period.ts'
import { isPositive, type ObligationKind } from './obligation-kind.ts'

const WORDS = 'a limit such as 100 per hour, 3 per 10 min, 10 per calendar week or 5 uses'
/** What one party could do in a year at a thousand requests a second is no limit any more. */
const USES_MAX = 1_000_000_000

export const limit: ObligationKind<LimitObligation> = {
  kind: 'limit',
  schema: {
    type: ['string', 'array'],
    description: `${WORDS}, or a list of them`,
    minLength: 1,
    maxLength: 60,
    items: { type: 'string', description: WORDS, minLength: 1, maxLength: 60 },
    minItems: 1,
    maxItems: 5,
  },
  read(value, { rule, timezone }) {
    const found: LimitObligation[] = []
    for (const text of typeof value === 'string' ? [value] : (value as readonly string[])) {
      const one = readLimit(text, timezone)
      if (!one.ok) return one
      found.push({ kind: 'limit', rule, ...one.value })
    }
    return ok(found)
  },
  write: (obligations) => {
    const [first, ...others] = obligations.map(writeLimit)
    return first !== undefined && others.length === 0 ? first : obligations.map(writeLimit)
  },
  members: ['rule', 'uses', 'per_seconds', 'calendar', 'timezone'],
  check({ rule, uses, per_seconds: per, calendar, timezone }) {
    if (typeof rule !== 'string' || !isPositive(uses)) return undefined
    if (calendar === undefined && timezone === undefined) return per === null || isPositive(per) ? { kind: 'limit', rule, uses, per_seconds: per } : undefined
    const isWhole = per === null && isPeriod(calendar) && typeof timezone === 'string' && isKnownZone(timezone)
    return isWhole ? { kind: 'limit', rule, uses, per_seconds: per, calendar, timezone } : undefined
  },
  sentence: (one) => `at most ${writeLimit(one)}${one.timezone === undefined ? '' : ` (${one.timezone})`}`,
}

type Limit = Omit<LimitObligation, 'kind' | 'rule'>

function readLimit(text: string, timezone: string | undefined): Result<Limit, Mistake> {
  const [, count, span] = /^([1-9]\d{0,9}) (?:uses?|per (.+))$/.exec(text) ?? []
  const uses = Number(count)
  if (count === undefined || uses > USES_MAX) return err(badLimit(text))
  if (span === undefined) return ok({ uses, per_seconds: null })
  const calendar = /^calendar (.+)$/.exec(span)?.[1]
  if (isPeriod(calendar)) return timezone === undefined ? err(timezoneMissing('limit')) : ok({ uses, per_seconds: null, calendar, timezone })
  const seconds = parseDuration(span)
  return seconds === undefined ? err(badLimit(text, { uses, span })) : ok({ uses, per_seconds: seconds })
}

const DAYS_OF: Readonly<Record<string, number>> = { month: 30, year: 365 }

function badLimit(text: string, { uses, span = '' }: { readonly uses?: number; readonly span?: string } = {}): Mistake {
  const days = Object.hasOwn(DAYS_OF, span) ? DAYS_OF[span] : undefined
  const remedy = days === undefined ? '' : ` Write "${uses} per calendar ${span}" or "${uses} per ${days} days".`
  return { code: 'bad_limit', message: `"${text}" is not ${WORDS}.${remedy}` }
}

function isPeriod(word: unknown): word is CalendarPeriod {
  return (CALENDAR_PERIODS as readonly unknown[]).includes(word)
}

function writeLimit({ uses, per_seconds: per, calendar }: LimitObligation): string {
  if (calendar !== undefined) return `${uses} per calendar ${calendar}`
  if (per === null) return uses === 1 ? '1 use' : `${uses} uses`
  return `${uses} per ${formatDuration(per)
    .replace(/^1 h$/, 'hour')
    .replace(/^1 min$/, 'minute')
    .replace(/^1 s$/, 'second')
    .replace(/^1 /, '')}`
}
