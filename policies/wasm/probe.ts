// Asks a fresh module what it must never allow: nothing, wrong types, too much. A module that allows any of it is not used.
import type { DecisionInput } from '../contract/decision-input.ts'
import { UNKNOWN_INPUT as NOBODY } from '../contract/unknown-input.ts'
import { INPUT_MAX_BYTES } from '../runtime/check-input.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import type { PolicyModule } from '../runtime/policy-module.ts'

const WRONG: readonly unknown[] = [
  undefined,
  null,
  {},
  [],
  'allow',
  { ...NOBODY, now: 0 },
  { ...NOBODY, party: null },
  { ...NOBODY, scope: ['everything'] },
  { ...NOBODY, resource: { ...NOBODY.resource, tags: 'everything' } },
  { ...NOBODY, party: { ...NOBODY.party, email_verified: 'true' } },
  { ...NOBODY, scope: 'x'.repeat(INPUT_MAX_BYTES) },
]

export function probeModule(module: PolicyModule): void {
  // A party without a name is nobody, so no share fits it; that the module answers at all shows that it can be asked.
  if (module.evaluate(NOBODY).effect !== 'deny') throw new PolicyFault('it does not deny a request of nobody')
  probeWrongInputs(module)
}

/** No module answers what is no question. */
export function probeWrongInputs(module: PolicyModule): void {
  for (const input of WRONG) {
    if (!faults(module, input)) throw new PolicyFault('it answers an input that is none')
  }
}

function faults(module: PolicyModule, input: unknown): boolean {
  try {
    module.evaluate(input as DecisionInput)
    return false
  } catch (error) {
    if (error instanceof PolicyFault) return true
    throw error
  }
}
