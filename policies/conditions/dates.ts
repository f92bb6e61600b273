// `only: {dates: [2026-12-24, holidays]}` and `only: {except: [holidays]}`: single days, ranges and calendars of the document, in the rule's time zone.
import { call, literal, not, test } from '../rego/ast.ts'
import { err, ok, type Result } from '../result.ts'
import { didYouMean } from '../suggest.ts'
import { type ConditionKind, type Mark, type Mistake, timezoneMissing } from './condition-kind.ts'
import { type DateRange, isCalendarName, parseDateRange } from './date-range.ts'
import { endOfNight } from './days.ts'
import { type CalendarDate, dayAfter, formatDate } from './instant.ts'
import type { MinuteOfDay } from './local-time.ts'
import { asList, oneOrList, words } from './one-of.ts'
import { minuteOf, readWallClock } from './wall-clock.ts'

interface OnDates {
  /** As the owner wrote them: days, ranges and names of calendars. */
  readonly words: readonly string[]
  /** Of all of them; first and last day included. */
  readonly ranges: readonly DateRange[]
  readonly timezone: string
  /** As in `days`: where the hours cross midnight, the early part belongs to the day before. */
  readonly dayBeginsAt: MinuteOfDay
}

export interface DatesCondition extends OnDates {
  readonly kind: 'dates'
}

export interface ExceptCondition extends OnDates {
  readonly kind: 'except'
}

/** Of one condition, calendars included: each is compared at every decision. */
const RANGES_MAX = 400

const SCHEMA = oneOrList('a day such as 2026-12-25, a range such as "2026-12-24 to 2027-01-02", a name from "calendars", or a list of them', { maxLength: 64 })

type Context = Parameters<ConditionKind<DatesCondition>['read']>[1]

function readDates(key: string, value: unknown, { timezone, only, calendars }: Context): Result<OnDates, Mistake> {
  const list = asList(value)
  const ranges: DateRange[] = []
  for (const word of list) {
    const range = parseDateRange(word)
    const calendar = calendars.get(word)
    if (range !== undefined) ranges.push(range)
    else if (calendar !== undefined) ranges.push(...calendar)
    else return err(unknownWord(word, [...calendars.keys()]))
  }
  if (ranges.length > RANGES_MAX)
    return err({ code: 'too_large', message: `"${key}" means ${ranges.length} days and ranges; at most ${RANGES_MAX} are possible. Combine days into ranges.` })
  return timezone === undefined ? err(timezoneMissing(key)) : ok({ words: list, ranges, timezone, dayBeginsAt: endOfNight(only['between']) })
}

function unknownWord(word: string, names: readonly string[]): Mistake {
  if (isCalendarName(word))
    return { code: 'unknown_calendar', message: `"${word}" is not a name under "calendars"; add it there with its days.${didYouMean(word, names)}` }
  return {
    code: 'bad_date',
    message: `"${word}" is not a day such as 2026-12-25, not a range such as 2026-12-24 to 2027-01-02, and not a name under "calendars".`,
  }
}

function isOnDates({ ranges, timezone, dayBeginsAt }: OnDates, now: string): boolean {
  const local = readWallClock(Date.parse(now), timezone)
  const today: CalendarDate = [local.year, local.month, local.day]
  const isNight = minuteOf(local) < dayBeginsAt
  return ranges.some(([first, last]) => {
    const [from, to] = isNight ? [dayAfter(first), dayAfter(last)] : [first, last]
    return formatDate(today) >= formatDate(from) && formatDate(today) <= formatDate(to)
  })
}

function toRego({ ranges, timezone, dayBeginsAt }: OnDates, context: Parameters<ConditionKind<DatesCondition>['toRego']>[1]) {
  const nights = dayBeginsAt === 0 ? [] : ranges.map(([first, last]) => [dayAfter(first), dayAfter(last)] as const)
  const [date, minute] = [context.local('date', timezone), context.local('minute', timezone)]
  return test(call('on_dates', date, minute, literal(ranges), literal(nights), literal(dayBeginsAt)))
}

function marksOf({ ranges, timezone, dayBeginsAt }: OnDates): readonly Mark[] {
  const edges = ranges.flatMap(([first, last]) => [first, dayAfter(last)]).map((date) => ({ fact: 'date', date, timezone }) as const)
  return dayBeginsAt === 0 ? edges : [...edges, { fact: 'clock', minute: dayBeginsAt, timezone }]
}

const COMMON = {
  place: 'only',
  schema: SCHEMA,
  write: (condition: OnDates) => words(condition.words),
  marks: marksOf,
  reason: 'not_these_dates',
} as const

export const dates: ConditionKind<DatesCondition> = {
  ...COMMON,
  kind: 'dates',
  key: 'dates',
  read(value, context) {
    const found = readDates('dates', value, context)
    return found.ok ? ok({ kind: 'dates', ...found.value }) : found
  },
  toRego,
  holds: (condition, { now }) => isOnDates(condition, now),
  sentence: (condition) => `on ${condition.words.join(', ')} (${condition.timezone})`,
}

export const except: ConditionKind<ExceptCondition> = {
  ...COMMON,
  kind: 'except',
  key: 'except',
  read(value, context) {
    const found = readDates('except', value, context)
    return found.ok ? ok({ kind: 'except', ...found.value }) : found
  },
  // The local date is always there when a module decides, so that "not" never stands before something unknown.
  toRego: (condition, context) => not(toRego(condition, context)),
  holds: (condition, { now }) => !isOnDates(condition, now),
  sentence: (condition) => `not on ${condition.words.join(', ')} (${condition.timezone})`,
}
