// The list of all conditions. A new one is a file beside this and a line here; the schema, the Rego and the sentences follow.
import type { Condition } from '../model/rule-set.ts'
import type { Expression } from '../rego/ast.ts'
import { between } from './between.ts'
import type { ConditionKind, RegoContext } from './condition-kind.ts'
import { days } from './days.ts'
import { from } from './from.ts'
import { until } from './until.ts'

type Registry = { readonly [K in Condition['kind']]: ConditionKind<Extract<Condition, { readonly kind: K }>> }

export const CONDITIONS: Registry = { days, between, from, until }

/** In the order in which they are read, emitted and told. */
export const CONDITION_KINDS: readonly ConditionKind<Condition>[] = Object.values(CONDITIONS) as readonly ConditionKind<Condition>[]

export function conditionToRego(condition: Condition, context: RegoContext): Expression {
  return kindOf(condition).toRego(condition, context)
}

export function kindOf(condition: Condition): ConditionKind<Condition> {
  return CONDITIONS[condition.kind] as ConditionKind<Condition>
}
