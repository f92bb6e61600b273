// The list of all conditions. A new one is a file beside this and a line here; the schema, the Rego and the sentences follow.
import type { DecisionInput } from '../contract/decision-input.ts'
import { type Expression, not } from '../rego/ast.ts'
import { type AcrCondition, acr } from './acr.ts'
import { type AttributesCondition, attributes } from './attributes.ts'
import { type BeginsCondition, begins } from './begins.ts'
import { type BetweenCondition, between } from './between.ts'
import { type ClientCondition, client } from './client.ts'
import type { ConditionKind, RegoContext } from './condition-kind.ts'
import { type DatesCondition, dates, type ExceptCondition, except } from './dates.ts'
import { type DaysCondition, days } from './days.ts'
import { type FromCondition, from } from './from.ts'
import { type PlaceCondition, place } from './place.ts'
import { type ProofCondition, proof } from './proof.ts'
import { type PurposeCondition, purpose } from './purpose.ts'
import { type StateCondition, state } from './state.ts'
import { type UntilCondition, until } from './until.ts'

export type Condition =
  | DaysCondition
  | DatesCondition
  | ExceptCondition
  | BetweenCondition
  | FromCondition
  | PlaceCondition
  | PurposeCondition
  | ClientCondition
  | ProofCondition
  | AcrCondition
  | StateCondition
  | AttributesCondition
  | BeginsCondition
  | UntilCondition

type Registry = { readonly [K in Condition['kind']]: ConditionKind<Extract<Condition, { readonly kind: K }>> }

export const CONDITIONS: Registry = { days, dates, except, between, from, place, purpose, client, proof, acr, state, attributes, begins, until }

/** In the order in which they are read, emitted and told. */
export const CONDITION_KINDS: readonly ConditionKind<Condition>[] = Object.values(CONDITIONS) as readonly ConditionKind<Condition>[]

export function conditionToRego(condition: Condition, context: RegoContext): Expression {
  return kindOf(condition).toRego(condition, context)
}

export function kindOf(condition: Condition): ConditionKind<Condition> {
  return CONDITIONS[condition.kind] as ConditionKind<Condition>
}

/** Does a block or a pause with this condition hold? Yes, unless what is known rules it out. */
export function stopHolds(condition: Condition, input: DecisionInput): boolean {
  const { ruledOut, holds } = kindOf(condition)
  return ruledOut === undefined ? holds(condition, input) : !ruledOut.holds(condition, input)
}

export function stopConditionToRego(condition: Condition, context: RegoContext): Expression {
  const { ruledOut, toRego } = kindOf(condition)
  return ruledOut === undefined ? toRego(condition, context) : not(ruledOut.toRego(condition, context))
}
