// `only: {between: "08:00-22:00"}`: hours of the day on the clock of the rule's time zone. The start is inside, the end is not; over midnight is allowed.

import type { BetweenCondition } from '../model/rule-set.ts'
import { call, literal, test } from '../rego/ast.ts'
import { err, ok } from '../result.ts'
import { type ConditionKind, timezoneMissing } from './condition-kind.ts'
import { formatClock, parseClock } from './local-time.ts'

export const between: ConditionKind<BetweenCondition> = {
  kind: 'between',
  place: 'only',
  schema: { type: 'string', description: 'hours of the day such as "08:00-22:00" or, over midnight, "22:00-06:00"', maxLength: 20 },
  read(value, { timezone }) {
    const hours = readHours(value as string)
    if (hours === undefined) return err({ code: 'bad_hours', message: 'Write the hours as "08:00-22:00", two digits each; the end of the day is 24:00.' })
    if (hours.start === hours.end)
      return err({ code: 'bad_hours', message: 'The hours begin and end at the same minute; leave "between" out to mean the whole day.' })
    if (timezone === undefined) return err(timezoneMissing('between'))
    return ok({ kind: 'between', ...hours, timezone })
  },
  toRego: ({ start, end, timezone }, context) => test(call('within_hours', context.local('minute', timezone), literal(start), literal(end))),
  reason: 'not_these_hours',
  sentence: ({ start, end, timezone }) => `from ${formatClock(start)} to ${formatClock(end)} (${timezone})`,
}

/** Minutes of the day; undefined where the text is no pair of clock times. */
export function readHours(text: string): { readonly start: number; readonly end: number } | undefined {
  const [first, last, ...rest] = text.split('-')
  const start = parseClock(first ?? '')
  const end = parseClock(last ?? '')
  if (start === undefined || end === undefined || rest.length > 0 || start === 24 * 60) return undefined
  return { start, end }
}
