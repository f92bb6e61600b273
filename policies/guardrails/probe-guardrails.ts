// Asks freshly compiled guardrails what they must not answer: wrong types, too much. Whose module answers it is not used.
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import type { LoadedModule } from '../runtime/policy-module.ts'
import { probeWrongInputs } from '../wasm/probe.ts'
import { checkGuardrailDecision } from './load-guardrails.ts'

/** Whether a module is made of guardrails at all shows in its answer to a request of which nothing is known. */
export function probeGuardrails(module: LoadedModule): void {
  // What is made from the language says what it reads; Rego by hand does not, and must not run without limits.
  if ([...module.parts()].some((part) => part.fields.length === 0)) throw new PolicyFault('it was not built from a guardrails file')
  const { reasons } = checkGuardrailDecision(module.evaluate(UNKNOWN_INPUT))
  const [first] = reasons
  if (first?.code !== 'guardrail' && first?.code !== 'no_guardrail') throw new PolicyFault('it does not decide as guardrails do')
  for (const part of module.parts()) probeWrongInputs(part)
}
