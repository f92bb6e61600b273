// Asks a fresh module what it must never allow: nothing, wrong types, too much. A module that allows any of it is not used.
import type { DecisionInput } from '../contract/decision-input.ts'
import { UNKNOWN_INPUT as NOBODY } from '../contract/unknown-input.ts'
import type { InputField } from '../rego/read-fields.ts'
import { INPUT_MAX_BYTES } from '../runtime/check-input.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import type { ProbedModule } from '../runtime/policy-module.ts'

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

/** None of these is what a text, a list, a map or a truth should be, save the one that each takes. */
const WRONG_FACTS: readonly unknown[] = [undefined, 7, true, 'text', ['list'], [7], { a: 'map' }]

export function probeModule(module: ProbedModule): void {
  // A party without a name is nobody, so no share fits it; that the module answers at all shows that it can be asked.
  if (module.evaluate(NOBODY).effect !== 'deny') throw new PolicyFault('it does not deny a request of nobody')
  probeWrongInputs(module)
}

/** No module answers what is no question: neither behind the checks of this program, nor without them, as another host would ask it. */
export function probeWrongInputs(module: ProbedModule): void {
  for (const input of WRONG) {
    if (!faults(module, input)) throw new PolicyFault('it answers an input that is none')
  }
  for (const field of module.fields) {
    const taken = WRONG_FACTS.filter((fact) => module.answers(withFact(field, fact)))
    if (taken.length > 1) throw new PolicyFault(`it answers although ${field} is of a wrong type`)
  }
}

function withFact(field: InputField, fact: unknown): unknown {
  const [group = '', name] = field.split('.')
  if (name === undefined) return { ...NOBODY, [group]: fact }
  return { ...NOBODY, [group]: { ...NOBODY[group as 'party'], [name]: fact } }
}

function faults(module: ProbedModule, input: unknown): boolean {
  try {
    module.evaluate(input as DecisionInput)
    return false
  } catch (error) {
    if (error instanceof PolicyFault) return true
    throw error
  }
}
