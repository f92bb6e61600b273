// `only: {acr: [phr]}`: how strongly the person signed in, by authentication context class (OpenID Connect Core 1.0 section 2, RFC 9470).
import { ref } from '../rego/ast.ts'
import { ok } from '../result.ts'
import type { ConditionKind } from './condition-kind.ts'
import { asList, isOneOf, isSurelyOther, oneOrList, words } from './one-of.ts'

export interface AcrCondition {
  readonly kind: 'acr'
  readonly classes: readonly string[]
}

export const acr: ConditionKind<AcrCondition> = {
  kind: 'acr',
  key: 'acr',
  place: 'only',
  schema: oneOrList('an authentication context class such as phr, or a list of them', { maxLength: 256 }),
  read: (value) => ok({ kind: 'acr', classes: asList(value) }),
  write: ({ classes }) => words(classes),
  toRego: ({ classes }) => isOneOf(ref('input.party.acr'), classes),
  ruledOut: {
    toRego: ({ classes }) => isSurelyOther(ref('input.party.acr'), classes),
    holds: ({ classes }, { party }) => party.acr !== null && !classes.includes(party.acr),
  },
  holds: ({ classes }, { party }) => party.acr !== null && classes.includes(party.acr),
  marks: ({ classes }) => classes.map((value) => ({ fact: 'acr', value })),
  reason: 'sign_in_too_weak',
  sentence: ({ classes }) => `after a sign-in of class ${classes.join(' or ')}`,
}
