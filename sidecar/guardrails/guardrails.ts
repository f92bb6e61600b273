// The operator's word, before any owner's: guardrails in the language, then those written by hand. Both can only deny, and a fault of either denies.
import type { Decision } from '../../policies/contract/decision.ts'
import type { DecisionInput } from '../../policies/contract/decision-input.ts'
import { checkGuardrailDecision } from '../../policies/guardrails/load-guardrails.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { GuardrailModules, HandWrittenModule, LoadedPolicy } from '../ports.ts'
import type { Refusal } from '../refuse/refusal.ts'

export type GuardrailAnswer = Result<void, Refusal>

export interface GuardrailQuestion {
  readonly input: DecisionInput
  /** Of a request that is being forwarded already: it may wait behind the others, as long as it takes. */
  readonly isUnderWay: boolean
}

export interface Guardrails {
  /** A promise only where a module written by hand has to be asked. */
  check(question: GuardrailQuestion): GuardrailAnswer | Promise<GuardrailAnswer>
}

const PASSED: GuardrailAnswer = ok()

export function createGuardrails({ rules, handWritten }: GuardrailModules): Guardrails {
  return {
    check(question) {
      const first = rules === undefined ? PASSED : askRules(rules, question.input)
      return !first.ok || handWritten === undefined ? first : askHandWritten(handWritten, question)
    },
  }
}

function askRules(rules: LoadedPolicy, input: DecisionInput): GuardrailAnswer {
  try {
    return answer(rules.evaluate(input))
  } catch {
    return err({ reason: 'guardrail_fault' })
  }
}

async function askHandWritten(module: HandWrittenModule, { input, isUnderWay }: GuardrailQuestion): Promise<GuardrailAnswer> {
  try {
    return answer(await module.evaluate(input, { patient: isUnderWay }))
  } catch {
    return err({ reason: 'guardrail_fault' })
  }
}

/** Whatever is not a plain "go on" is a no. */
function answer(decision: Decision): GuardrailAnswer {
  return checkGuardrailDecision(decision).effect === 'allow' ? PASSED : err({ reason: 'guardrail_denied', decision })
}
