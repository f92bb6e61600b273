// `only: {client: [tuner-app]}`: the app through which the request comes (`client_id`, RFC 6749 section 2.2).
import { ref } from '../rego/ast.ts'
import { ok } from '../result.ts'
import type { ConditionKind } from './condition-kind.ts'
import { asList, isOneOf, isSurelyOther, oneOrList, words } from './one-of.ts'

export interface ClientCondition {
  readonly kind: 'client'
  readonly clients: readonly string[]
}

export const client: ConditionKind<ClientCondition> = {
  kind: 'client',
  key: 'client',
  place: 'only',
  schema: oneOrList('the name of an app (its client_id), or a list of them', { maxLength: 256 }),
  read: (value) => ok({ kind: 'client', clients: asList(value) }),
  write: ({ clients }) => words(clients),
  toRego: ({ clients }) => isOneOf(ref('input.party.client_id'), clients),
  ruledOut: {
    toRego: ({ clients }) => isSurelyOther(ref('input.party.client_id'), clients),
    holds: ({ clients }, { party }) => party.client_id !== null && !clients.includes(party.client_id),
  },
  holds: ({ clients }, { party }) => clients.includes(party.client_id),
  marks: ({ clients }) => clients.map((value) => ({ fact: 'client', value })),
  reason: 'not_with_this_app',
  sentence: ({ clients }) => `with the app ${clients.join(' or ')}`,
}
