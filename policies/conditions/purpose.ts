// `only: {purpose: [rehearsal]}`: what the caller says the data are for. A declaration: the audit line keeps it, nobody checks it.
import { ref } from '../rego/ast.ts'
import { ok } from '../result.ts'
import type { ConditionKind } from './condition-kind.ts'
import { asList, isOneOf, isSurelyOther, oneOrList, words } from './one-of.ts'

export interface PurposeCondition {
  readonly kind: 'purpose'
  readonly purposes: readonly string[]
}

export const purpose: ConditionKind<PurposeCondition> = {
  kind: 'purpose',
  key: 'purpose',
  place: 'only',
  schema: oneOrList('a purpose such as rehearsal, or a list of them', { maxLength: 64 }),
  read: (value) => ok({ kind: 'purpose', purposes: asList(value) }),
  write: ({ purposes }) => words(purposes),
  toRego: ({ purposes }) => isOneOf(ref('input.request.purpose'), purposes),
  ruledOut: {
    toRego: ({ purposes }) => isSurelyOther(ref('input.request.purpose'), purposes),
    holds: ({ purposes }, { request }) => request.purpose !== null && !purposes.includes(request.purpose),
  },
  holds: ({ purposes }, { request }) => request.purpose !== null && purposes.includes(request.purpose),
  marks: ({ purposes }) => purposes.map((value) => ({ fact: 'purpose', value })),
  reason: 'not_for_this_purpose',
  sentence: ({ purposes }) => `for the purpose ${purposes.join(' or ')}`,
}
