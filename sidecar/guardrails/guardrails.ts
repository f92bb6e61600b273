// The operator's word, before any owner's: guardrails in the language, then those written by hand. Both can only deny, and a fault of either denies.
import type { Decision } from '../../policies/contract/decision.ts'
import type { DecisionInput } from '../../policies/contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../../policies/contract/unknown-input.ts'
import { checkGuardrailDecision } from '../../policies/guardrails/load-guardrails.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { GuardrailModules, HandWrittenModule, LoadedPolicy } from '../ports.ts'
import type { Refusal } from '../refuse/refusal.ts'

export type GuardrailAnswer = Result<void, Refusal>

export interface GuardrailQuestion {
  readonly input: DecisionInput
  /** False: anyone can claim the name in `input.party.client_id`. */
  readonly isClientAuthenticated: boolean
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
      const inputs = inputsOf(question)
      if (rules !== undefined) {
        for (const input of inputs) {
          const answered = askRules(rules, input)
          if (!answered.ok) return answered
        }
      }
      return handWritten === undefined ? PASSED : askHandWritten(handWritten, { inputs, isUnderWay: question.isUnderWay })
    },
  }
}

/** A name that anyone can claim may deny, but it never meets a requirement: the request has to pass without the name too. */
function inputsOf({ input, isClientAuthenticated }: GuardrailQuestion): readonly DecisionInput[] {
  const unknown = UNKNOWN_INPUT.party.client_id
  if (isClientAuthenticated || input.party.client_id === unknown) return [input]
  return [input, { ...input, party: { ...input.party, client_id: unknown } }]
}

function askRules(rules: LoadedPolicy, input: DecisionInput): GuardrailAnswer {
  try {
    return answer(rules.evaluate(input))
  } catch {
    return err({ reason: 'guardrail_fault' })
  }
}

interface HandWrittenQuestion extends Pick<GuardrailQuestion, 'isUnderWay'> {
  readonly inputs: readonly DecisionInput[]
}

async function askHandWritten(module: HandWrittenModule, { inputs, isUnderWay }: HandWrittenQuestion): Promise<GuardrailAnswer> {
  try {
    for (const input of inputs) {
      const answered = answer(await module.evaluate(input, { patient: isUnderWay }))
      if (!answered.ok) return answered
    }
    return PASSED
  } catch {
    return err({ reason: 'guardrail_fault' })
  }
}

/** Whatever is not a plain "go on" is a no. */
function answer(decision: Decision): GuardrailAnswer {
  return checkGuardrailDecision(decision).effect === 'allow' ? PASSED : err({ reason: 'guardrail_denied', decision })
}
