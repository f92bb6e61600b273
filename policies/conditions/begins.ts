// `from: 2026-12-01` of a share (from the beginning of that day in the rule's time zone) or `from: 2026-12-01T18:00:00+01:00` (from that instant on).
import { call, literal, test } from '../rego/ast.ts'
import { ok } from '../result.ts'
import type { ConditionKind } from './condition-kind.ts'
import { formatDate, type When } from './instant.ts'
import { localDay, readWhen } from './until.ts'

/** Both included. */
export type BeginsCondition = { readonly kind: 'begins' } & When

export const begins: ConditionKind<BeginsCondition> = {
  kind: 'begins',
  key: 'from',
  place: 'share',
  schema: { type: 'string', description: 'a day such as 2026-12-01, or an instant with its offset such as 2026-12-01T18:00:00+01:00', maxLength: 40 },
  read(value, { timezone }) {
    const when = readWhen(value as string, { key: 'from', timezone })
    return when.ok ? ok({ kind: 'begins', ...when.value }) : when
  },
  write: (condition) => ('instant' in condition ? condition.instant : formatDate(condition.date)),
  toRego(condition, context) {
    if ('instant' in condition) return test(call('not_before', literal(condition.instant)))
    return test(call('on_or_after', context.local('date', condition.timezone), literal(condition.date)))
  },
  holds: (condition, { now }) => ('instant' in condition ? now >= condition.instant : localDay(now, condition.timezone) >= formatDate(condition.date)),
  marks: (condition) =>
    'instant' in condition ? [{ fact: 'instant', at: condition.instant }] : [{ fact: 'date', date: condition.date, timezone: condition.timezone }],
  reason: 'not_yet',
  sentence: (condition) => ('instant' in condition ? `from ${condition.instant} on` : `from ${formatDate(condition.date)} on (${condition.timezone})`),
}
