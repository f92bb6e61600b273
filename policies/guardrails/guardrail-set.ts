// What an operator's file of guardrails says, without its YAML. Immutable; deny-only: nothing in it can allow anything.
import type { Condition } from '../conditions/registry.ts'
import type { Expectation, Vocabulary, What, Who } from '../model/rule-set.ts'

export interface Guardrail {
  readonly name: string
  /** 1-based line of the guardrail in the operator's text. */
  readonly line: number
  /** Undefined: everyone, also who has no name. */
  readonly who: readonly Who[] | undefined
  readonly what: readonly What[]
  /** Scopes; `everything` stands for every scope. */
  readonly may: readonly string[]
  /** `begins` and `until`: while all of them hold, the guardrail is in force. */
  readonly inForce: readonly Condition[]
  /** A request that it fits is denied unless all of them hold. Undefined: it is denied. */
  readonly require: readonly Condition[] | undefined
}

export interface GuardrailSet extends Vocabulary {
  readonly guardrails: readonly Guardrail[]
  readonly expect: readonly Expectation[]
}
