// `only: {state: active}`: the state of the device behind the thing.
import { ref } from '../rego/ast.ts'
import { ok } from '../result.ts'
import type { ConditionKind } from './condition-kind.ts'
import { asList, isOneOf, isSurelyOther, oneOrList, words } from './one-of.ts'

export interface StateCondition {
  readonly kind: 'state'
  readonly states: readonly string[]
}

export const state: ConditionKind<StateCondition> = {
  kind: 'state',
  key: 'state',
  place: 'only',
  schema: oneOrList('a state of the device such as active, or a list of them', { maxLength: 64 }),
  read: (value) => ok({ kind: 'state', states: asList(value) }),
  write: ({ states }) => words(states),
  toRego: ({ states }) => isOneOf(ref('input.resource.state'), states),
  ruledOut: {
    toRego: ({ states }) => isSurelyOther(ref('input.resource.state'), states),
    holds: ({ states }, { resource }) => resource.state !== null && !states.includes(resource.state),
  },
  holds: ({ states }, { resource }) => resource.state !== null && states.includes(resource.state),
  marks: ({ states }) => states.map((value) => ({ fact: 'state', value })),
  reason: 'not_in_this_state',
  sentence: ({ states }) => `while its state is ${states.join(' or ')}`,
}
