// `until: 2026-12-31` (to the end of that day in the rule's time zone) or `until: 2026-12-31T18:00:00+01:00` (to that instant).
import { DURATION_WORDS, formatDuration, parseDuration } from '../duration.ts'
import { call, literal, test } from '../rego/ast.ts'
import { err, ok, type Result } from '../result.ts'
import { type ConditionKind, type Mistake, timezoneMissing } from './condition-kind.ts'
import { dayAfter, formatDate, parseDate, parseInstant, type When } from './instant.ts'
import { readWallClock } from './wall-clock.ts'

/** An instant is not included, a day is. `done`: until the owner marks the share as done, reminded of it at this interval. */
export type UntilCondition = { readonly kind: 'until' } & (When | { readonly done: { readonly remindSeconds: number } })

/** In place of a day or an instant. */
export const DONE = 'done'
const REMIND_DEFAULT_SECONDS = 604_800
const DONE_WORDS = 'until you mark it as done'

/** As an owner writes it; undefined where it is the usual interval. */
export function writeRemind(remindSeconds: number): string | undefined {
  return remindSeconds === REMIND_DEFAULT_SECONDS ? undefined : formatDuration(remindSeconds)
}

/** A day with its zone, or an instant; `key` is named where the zone is missing. */
export function readWhen(text: string, { key, timezone }: { readonly key: string; readonly timezone: string | undefined }): Result<When, Mistake> {
  const instant = parseInstant(text)
  if (instant !== undefined) return ok({ instant })
  const date = parseDate(text)
  if (date === undefined)
    return err({ code: 'bad_date', message: `"${text}" is neither a day such as 2026-12-31 nor an instant with its offset such as 2026-12-31T18:00:00+01:00.` })
  return timezone === undefined ? err(timezoneMissing(key)) : ok({ date, timezone })
}

/** The local day of an instant, as a text that sorts. */
export function localDay(now: string, timezone: string): string {
  const { year, month, day } = readWallClock(Date.parse(now), timezone)
  return formatDate([year, month, day])
}

export const until: ConditionKind<UntilCondition> = {
  kind: 'until',
  key: 'until',
  place: 'share',
  schema: {
    type: 'string',
    description: 'a day such as 2026-12-31, an instant with its offset such as 2026-12-31T18:00:00+01:00, or done: until you mark it as done',
    maxLength: 40,
  },
  read(value, { timezone, entry }) {
    if (value === DONE) return readDone(entry)
    const when = readWhen(value as string, { key: 'until', timezone })
    return when.ok ? ok({ kind: 'until', ...when.value }) : when
  },
  write: (condition) => ('done' in condition ? DONE : 'instant' in condition ? condition.instant : formatDate(condition.date)),
  toRego(condition, context) {
    if ('done' in condition) return test(literal(true))
    if ('instant' in condition) return test(call('before', literal(condition.instant)))
    return test(call('on_or_before', context.local('date', condition.timezone), literal(condition.date)))
  },
  holds(condition, { now }) {
    if ('done' in condition) return true
    return 'instant' in condition ? now < condition.instant : localDay(now, condition.timezone) <= formatDate(condition.date)
  },
  marks(condition) {
    if ('done' in condition) return []
    return 'instant' in condition
      ? [{ fact: 'instant', at: condition.instant }]
      : [{ fact: 'date', date: dayAfter(condition.date), timezone: condition.timezone }]
  },
  reason: 'expired',
  sentence(condition) {
    if ('done' in condition) return DONE_WORDS
    return 'instant' in condition ? `until ${condition.instant}` : `until the end of ${formatDate(condition.date)} (${condition.timezone})`
  },
}

function readDone({ remind }: Readonly<Record<string, unknown>>): Result<UntilCondition, Mistake> {
  const remindSeconds = remind === undefined ? REMIND_DEFAULT_SECONDS : parseDuration(String(remind))
  if (remindSeconds === undefined) return err({ code: 'bad_duration', message: `"remind: ${remind}" is not a duration ${DURATION_WORDS}.` })
  return ok({ kind: 'until', done: { remindSeconds } })
}
