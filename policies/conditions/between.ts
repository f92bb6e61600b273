// `only: {between: "08:00-22:00"}`: hours of the day on the clock of the rule's time zone. The start is inside, the end is not; over midnight is allowed.
import { call, literal, test } from '../rego/ast.ts'
import { err, ok } from '../result.ts'
import { type ConditionKind, timezoneMissing } from './condition-kind.ts'
import { formatClock, type MinuteOfDay, parseClock } from './local-time.ts'
import { minuteOf, readWallClock } from './wall-clock.ts'

export interface BetweenCondition {
  readonly kind: 'between'
  /** Included. */
  readonly start: MinuteOfDay
  /** Not included. Less than start where the hours cross midnight. */
  readonly end: MinuteOfDay
  readonly timezone: string
}

export const between: ConditionKind<BetweenCondition> = {
  kind: 'between',
  key: 'between',
  place: 'only',
  schema: { type: 'string', description: 'hours of the day such as "08:00-22:00" or, over midnight, "22:00-06:00"', maxLength: 20 },
  read(value, { timezone }) {
    const hours = readHours(value as string)
    if (hours === undefined) return err({ code: 'bad_hours', message: 'Write the hours as "08:00-22:00", two digits each; the end of the day is 24:00.' })
    if (hours.start === hours.end)
      return err({ code: 'bad_hours', message: 'The hours start and end at the same minute; omit "between" to mean the whole day.' })
    if (timezone === undefined) return err(timezoneMissing('between'))
    return ok({ kind: 'between', ...hours, timezone })
  },
  write: ({ start, end }) => `${formatClock(start)}-${formatClock(end)}`,
  toRego: ({ start, end, timezone }, context) => test(call('within_hours', context.local('minute', timezone), literal(start), literal(end))),
  holds({ start, end, timezone }, { now }) {
    const minute = minuteOf(readWallClock(Date.parse(now), timezone))
    return start < end ? minute >= start && minute < end : minute >= start || minute < end
  },
  marks: ({ start, end, timezone }) => [start, end].map((minute) => ({ fact: 'clock', minute, timezone })),
  reason: 'not_these_hours',
  sentence: ({ start, end, timezone }) => `from ${formatClock(start)} to ${formatClock(end)} (${timezone})`,
}

/** Minutes of the day; undefined where the text is no pair of clock times. */
export function readHours(text: string): { readonly start: MinuteOfDay; readonly end: MinuteOfDay } | undefined {
  const [first, last, ...rest] = text.split('-')
  const start = parseClock(first ?? '')
  const end = parseClock(last ?? '')
  if (start === undefined || end === undefined || rest.length > 0 || start === 24 * 60) return undefined
  return { start, end }
}
