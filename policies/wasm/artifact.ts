// Owner's text to a policy that may be enforced: parsed, compiled, probed, and asked the owner's own expectations. Immutable, named by its digest.
import { createHash } from 'node:crypto'
import { toUtcText } from '../conditions/instant.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { PolicyLimits } from '../limits.ts'
import type { RuleSet } from '../model/rule-set.ts'
import { parsePolicy } from '../parse-policy.ts'
import { emitPolicy } from '../rego/emit.ts'
import { printModule } from '../rego/print.ts'
import { err, ok, type Result } from '../result.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import { loadPolicyModule } from '../runtime/policy-module.ts'
import type { PolicyCompiler } from './compile.ts'
import { compilePolicy, readLibrary } from './compile-policy.ts'
import { checkExpectations, type Thing } from './expectations.ts'
import { probeModule } from './probe.ts'

export interface Artifact {
  readonly wasm: Uint8Array
  /** SHA-256 of the module, base64url without padding. */
  readonly digest: string
  readonly rego: string
  readonly ruleSet: RuleSet
}

export interface ArtifactOptions {
  readonly text: string
  readonly file: string
  /** Milliseconds since 1970; for expectations without `at`. */
  readonly now: number
  readonly compiler: PolicyCompiler
  /** The owner's things, so that an expectation about one of them knows its type and tags. */
  readonly things?: readonly Thing[]
  /** Left out: those for texts of others. */
  readonly limits?: PolicyLimits
}

export async function buildArtifact(options: ArtifactOptions): Promise<Result<Artifact, Diagnostic[]>> {
  const { now, compiler, things = [], file } = options
  const ruleSet = parsePolicy(options)
  if (!ruleSet.ok) return ruleSet
  const wasm = await compilePolicy(ruleSet.value, compiler)
  if (!wasm.ok) return wasm
  try {
    const module = await loadPolicyModule(wasm.value)
    probeModule(module)
    const wrong = checkExpectations(module, { ruleSet: ruleSet.value, now: toUtcText(now), things })
    if (wrong.length > 0) return err(wrong.map(({ line, column, message }) => ({ file, line, column, code: 'expectation_failed' as const, message })))
  } catch (fault) {
    if (!(fault instanceof PolicyFault)) throw fault
    return err([{ file, line: 1, column: 1, code: 'probe_failed', message: `The compiled policy does not hold: ${fault.message}.` }])
  }
  return ok({ wasm: wasm.value, digest: createHash('sha256').update(wasm.value).digest('base64url'), rego: toRego(ruleSet.value), ruleSet: ruleSet.value })
}

/** The same rule set gives the same text, on every machine. */
export function toRego(ruleSet: RuleSet): string {
  const library = readLibrary('sharing')
  return printModule(emitPolicy(ruleSet, library).sections, library)
}
