// Writes and names the goldens: the Rego of each case, one whole module, and the printed schema. `updateGoldens()` regenerates all of them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printGuardrailsSchema } from '../../../policies/guardrails/guardrails-schema.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { printSchema } from '../../../policies/schema/policy-schema.ts'
import { toRego } from '../../../policies/wasm/artifact.ts'
import { CASES_FOLDER, CASES_NOW, readCases } from './cases.ts'

/** The case whose golden holds the fixed part of the module too. */
const WHOLE = 'expect/expectations'
const FIXED_PART = '# ---- The fixed part'

/** Path and text of every golden. */
export function goldens(): ReadonlyMap<string, string> {
  const schemas = join(import.meta.dirname, '../../../policies/schema')
  const files = new Map([
    [join(schemas, 'sharing-policy.schema.json'), printSchema()],
    [join(schemas, 'guardrails.schema.json'), printGuardrailsSchema()],
  ])
  for (const { name, policy, decisions } of readCases()) {
    if (decisions === undefined) continue
    const ruleSet = parsePolicy({ text: policy, file: `${name}.yaml`, now: CASES_NOW })
    if (!ruleSet.ok) throw new Error(`${name}: ${JSON.stringify(ruleSet.error)}`)
    const rego = toRego(ruleSet.value)
    files.set(join(CASES_FOLDER, `${name}.rego`), name === WHOLE ? rego : rego.slice(0, rego.indexOf(FIXED_PART)))
  }
  return files
}

export function updateGoldens(): void {
  for (const [file, text] of goldens()) writeFileSync(file, text)
}
