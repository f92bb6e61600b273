// Asks a fresh module what it must never allow: nothing, wrong types, too much. A module that allows any of it is not used.
import type { DecisionInput } from '../contract/decision-input.ts'
import { UNKNOWN_INPUT as NOBODY } from '../contract/unknown-input.ts'
import type { InputField } from '../rego/read-fields.ts'
import { INPUT_MAX_BYTES } from '../runtime/check-input.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import type { LoadedModule, ModulePart } from '../runtime/policy-module.ts'

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

/** None of these is a local time. */
const WRONG_LOCALS: readonly unknown[] = [
  7,
  'monday',
  [],
  {},
  { weekday: 'monday', minute: '9', date: ['2026', '1', '1'] },
  { weekday: 1, minute: [], date: [2026] },
]

export function probeModule(module: LoadedModule): void {
  for (const part of module.parts()) {
    // A party without a name is nobody, so no share fits it; that the module answers at all shows that it can be asked.
    if (part.evaluate(NOBODY).effect !== 'deny') throw new PolicyFault('it does not deny a request from nobody')
    probeWrongInputs(part)
  }
}

/** No module answers what is no question: neither behind the checks of this program, nor without them, as another host would ask it. */
export function probeWrongInputs(module: ModulePart): void {
  for (const input of WRONG) {
    if (!faults(module, input)) throw new PolicyFault('it decides about an invalid input')
  }
  // A module that says what it reads refuses by itself too.
  const bare = module.fields.length > 0 && [undefined, null, {}, [], 'allow'].some((input) => module.answers(input))
  if (bare) throw new PolicyFault('it decides about an invalid input')
  for (const zone of module.zones) {
    const taken = WRONG_LOCALS.some((local) => module.answers({ ...NOBODY, local: { [zone]: local } }))
    if (taken) throw new PolicyFault(`it decides although the local time of ${zone} has a wrong type`)
  }
  for (const field of module.fields) {
    const taken = WRONG_FACTS.filter((fact) => module.answers(withFact(field, fact)))
    if (taken.length > 1) throw new PolicyFault(`it decides although ${field} has a wrong type`)
  }
}

function withFact(field: InputField, fact: unknown): unknown {
  const [group = '', name] = field.split('.')
  if (name === undefined) return { ...NOBODY, [group]: fact }
  return { ...NOBODY, [group]: { ...NOBODY[group as 'party'], [name]: fact } }
}

function faults(module: ModulePart, input: unknown): boolean {
  try {
    module.evaluate(input as DecisionInput)
    return false
  } catch (error) {
    if (error instanceof PolicyFault) return true
    throw error
  }
}
