// Loads compiled guardrails. What they answer can deny, or let the next question be asked; anything beyond that is a fault.
import type { Decision } from '../contract/decision.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import { type LoadedModule, loadPolicyModule } from '../runtime/policy-module.ts'

/** `evaluate` throws PolicyFault for whatever is no answer of a guardrail: that is a deny. */
export async function loadGuardrails(wasm: Uint8Array): Promise<LoadedModule> {
  const module = await loadPolicyModule(wasm)
  return { ...module, evaluate: (input) => checkGuardrailDecision(module.evaluate(input)) }
}

/** A guardrail never asks the owner, and lets nothing pass under a condition that somebody else would have to keep. */
export function checkGuardrailDecision(decision: Decision): Decision {
  if (decision.effect === 'ask') throw new PolicyFault('a guardrail cannot ask')
  if (decision.obligations.length > 0) throw new PolicyFault('a guardrail cannot have obligations')
  return decision
}
