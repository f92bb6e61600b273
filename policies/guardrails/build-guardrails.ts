// Operator's text to guardrails that may be enforced: parsed, compiled, probed, and asked the operator's own expectations. Immutable, named by their digest.
import { createHash } from 'node:crypto'
import { toUtcText } from '../conditions/instant.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { printModule } from '../rego/print.ts'
import { err, ok, type Result } from '../result.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import type { ArtifactOptions } from '../wasm/artifact.ts'
import { compileModule, readLibrary } from '../wasm/compile-policy.ts'
import { checkExpectations } from '../wasm/expectations.ts'
import { emitGuardrails } from './emit-guardrails.ts'
import type { GuardrailSet } from './guardrail-set.ts'
import { loadGuardrails } from './load-guardrails.ts'
import { parseGuardrails } from './parse-guardrails.ts'
import { probeGuardrails } from './probe-guardrails.ts'

export interface GuardrailsArtifact {
  readonly wasm: Uint8Array
  /** SHA-256 of the module, base64url without padding. */
  readonly digest: string
  readonly rego: string
  readonly guardrailSet: GuardrailSet
}

export async function buildGuardrails(options: ArtifactOptions): Promise<Result<GuardrailsArtifact, Diagnostic[]>> {
  const { text, file, now, compiler, things = [] } = options
  const guardrailSet = parseGuardrails({ text, file })
  if (!guardrailSet.ok) return guardrailSet
  const library = readLibrary('guardrails')
  const wasm = await compileModule(emitGuardrails(guardrailSet.value, library), { library, compiler, source: SOURCE })
  if (!wasm.ok) return wasm
  try {
    const module = await loadGuardrails(wasm.value)
    probeGuardrails(module)
    const wrong = checkExpectations(module, { ruleSet: guardrailSet.value, now: toUtcText(now), things })
    if (wrong.length > 0) return err(wrong.map(({ line, column, message }) => ({ file, line, column, code: 'expectation_failed' as const, message })))
  } catch (fault) {
    if (!(fault instanceof PolicyFault)) throw fault
    return err([{ file, line: 1, column: 1, code: 'probe_failed', message: `The compiled guardrails failed their checks: ${fault.message}.` }])
  }
  return ok({
    wasm: wasm.value,
    digest: createHash('sha256').update(wasm.value).digest('base64url'),
    rego: guardrailsToRego(guardrailSet.value),
    guardrailSet: guardrailSet.value,
  })
}

/** The same guardrails give the same text, on every machine. */
export function guardrailsToRego(set: GuardrailSet): string {
  const library = readLibrary('guardrails')
  return printModule(emitGuardrails(set, library).sections, library, SOURCE)
}

const SOURCE = "an operator's guardrails"
