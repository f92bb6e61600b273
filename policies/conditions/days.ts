// `only: {days: [mon-fri]}`: the days of the week, in the rule's time zone.
import { call, literal, test } from '../rego/ast.ts'
import { err, ok } from '../result.ts'
import { didYouMean } from '../suggest.ts'
import { readHours } from './between.ts'
import { type ConditionKind, type Mistake, timezoneMissing } from './condition-kind.ts'
import type { MinuteOfDay } from './local-time.ts'
import { minuteOf, readWallClock, weekdayOf } from './wall-clock.ts'
import { WEEKDAYS, type Weekday } from './weekdays.ts'

export interface DaysCondition {
  readonly kind: 'days'
  readonly days: readonly Weekday[]
  readonly timezone: string
  /** Where the share's hours cross midnight, the early part belongs to the day before: until this minute. Else 0. */
  readonly dayBeginsAt: MinuteOfDay
}

export const days: ConditionKind<DaysCondition> = {
  kind: 'days',
  key: 'days',
  place: 'only',
  schema: {
    type: 'array',
    description: 'days of the week (mon, tue, wed, thu, fri, sat, sun) or ranges of them (mon-fri)',
    items: { type: 'string', description: 'a day such as mon, or a range such as mon-fri', minLength: 1, maxLength: 20 },
    minItems: 1,
    maxItems: 7,
  },
  read(value, { timezone, only }) {
    const found = new Set<Weekday>()
    for (const word of value as readonly string[]) {
      const range = expand(word)
      if (range === undefined) return err(unknownDay(word))
      for (const day of range) found.add(day)
    }
    if (timezone === undefined) return err(timezoneMissing('days'))
    return ok({ kind: 'days', days: WEEKDAYS.filter((day) => found.has(day)), timezone, dayBeginsAt: endOfNight(only['between']) })
  },
  write: (condition) => condition.days,
  toRego(condition, context) {
    const { timezone } = condition
    const set = literal.set(condition.days)
    return test(call('on_days', context.local('weekday', timezone), context.local('minute', timezone), set, literal(condition.dayBeginsAt)))
  },
  holds(condition, { now }) {
    const local = readWallClock(Date.parse(now), condition.timezone)
    const today = WEEKDAYS.indexOf(weekdayOf(local))
    const judged = minuteOf(local) < condition.dayBeginsAt ? today + WEEKDAYS.length - 1 : today
    return condition.days.includes(WEEKDAYS[judged % WEEKDAYS.length] as Weekday)
  },
  marks: ({ dayBeginsAt, timezone }) => [{ fact: 'clock', minute: dayBeginsAt, timezone }],
  reason: 'not_these_days',
  sentence: (condition) => `on ${condition.days.join(', ')} (${condition.timezone})`,
}

/** `sat-mon` goes over the end of the week. */
function expand(word: string): readonly Weekday[] | undefined {
  const [first, last = first, ...rest] = word.split('-')
  const start = WEEKDAYS.indexOf(first as Weekday)
  const end = WEEKDAYS.indexOf(last as Weekday)
  if (start < 0 || end < 0 || rest.length > 0) return undefined
  return start <= end ? WEEKDAYS.slice(start, end + 1) : [...WEEKDAYS.slice(start), ...WEEKDAYS.slice(0, end + 1)]
}

function unknownDay(word: string): Mistake {
  return {
    code: 'bad_value',
    message: `"${word}" is not a day; write mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri.${didYouMean(word, WEEKDAYS)}`,
  }
}

// "fri, 22:00-06:00" is Friday's night, and it ends on Saturday morning.
export function endOfNight(between: unknown): MinuteOfDay {
  const hours = typeof between === 'string' ? readHours(between) : undefined
  return hours !== undefined && hours.start > hours.end ? hours.end : 0
}
