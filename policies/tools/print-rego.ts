// `rego`: the Rego that a file of rules becomes. It compiles nothing.
import { kindOfPolicyFile } from '../build-policy-file.ts'
import { guardrailsToRego } from '../guardrails/build-guardrails.ts'
import { parseGuardrails } from '../guardrails/parse-guardrails.ts'
import { parsePolicy } from '../parse-policy.ts'
import { toRego } from '../wasm/artifact.ts'
import { type ReadPorts, readOptions, refused, type ToolResult, type ToolSource } from './tool-result.ts'

export interface RegoResult extends ToolResult {
  readonly rego: string
}

export function printRego(source: ToolSource, ports: ReadPorts): RegoResult {
  switch (kindOfPolicyFile(source)) {
    case 'hand_written':
      return fine(source.text)
    case 'guardrails': {
      const set = parseGuardrails(source)
      return set.ok ? fine(guardrailsToRego(set.value)) : { ...refused(set.error), rego: '' }
    }
    case 'shares': {
      const rules = parsePolicy(readOptions(source, ports))
      return rules.ok ? fine(toRego(rules.value)) : { ...refused(rules.error), rego: '' }
    }
  }
}

function fine(rego: string): RegoResult {
  return { ok: true, diagnostics: [], warnings: [], rego }
}
