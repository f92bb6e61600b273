// `until: 2026-12-31` (to the end of that day in the rule's time zone) or `until: 2026-12-31T18:00:00+01:00` (to that instant).

import type { UntilCondition } from '../model/rule-set.ts'
import { call, literal, test } from '../rego/ast.ts'
import { err, ok } from '../result.ts'
import { type ConditionKind, timezoneMissing } from './condition-kind.ts'
import { parseDate, parseInstant } from './instant.ts'

export const until: ConditionKind<UntilCondition> = {
  kind: 'until',
  place: 'share',
  schema: { type: 'string', description: 'a day such as 2026-12-31, or an instant with its offset such as 2026-12-31T18:00:00+01:00', maxLength: 40 },
  read(value, { timezone }) {
    const text = value as string
    const instant = parseInstant(text)
    if (instant !== undefined) return ok({ kind: 'until', instant })
    const date = parseDate(text)
    if (date === undefined)
      return err({ code: 'bad_date', message: `"${text}" is no day such as 2026-12-31 and no instant with its offset such as 2026-12-31T18:00:00+01:00.` })
    if (timezone === undefined) return err(timezoneMissing('until'))
    return ok({ kind: 'until', date, timezone })
  },
  toRego(condition, context) {
    if ('instant' in condition) return test(call('before', literal(condition.instant)))
    return test(call('on_or_before', context.local('date', condition.timezone), literal(condition.date)))
  },
  reason: 'expired',
  sentence: (condition) => ('instant' in condition ? `until ${condition.instant}` : `until the end of ${formatDate(condition.date)} (${condition.timezone})`),
}

function formatDate([year, month, day]: readonly [number, number, number]): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
