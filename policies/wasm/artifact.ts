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
import { compileParts, readLibrary } from './compile-policy.ts'
import { checkExpectations, type Thing } from './expectations.ts'
import { probeModule } from './probe.ts'

export interface Artifact {
  readonly wasm: Uint8Array
  /** SHA-256 of the module, base64url without padding. */
  readonly digest: string
  /** Emitted when it is first read, where the module is made of several parts. */
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
  /** Defaults to the limits for untrusted input. */
  readonly limits?: PolicyLimits
  /** Called before each module is compiled. */
  readonly onProgress?: (done: number, total: number) => void
}

export async function buildArtifact(options: ArtifactOptions): Promise<Result<Artifact, Diagnostic[]>> {
  const ruleSet = parsePolicy(options)
  return ruleSet.ok ? buildFromRules(ruleSet.value, options) : ruleSet
}

/** For rules that were parsed already. */
export async function buildFromRules(ruleSet: RuleSet, options: Omit<ArtifactOptions, 'text' | 'limits'>): Promise<Result<Artifact, Diagnostic[]>> {
  const { now, compiler, things = [], file, onProgress } = options
  const compiled = await compileParts(ruleSet, compiler, { file, ...(onProgress === undefined ? {} : { onProgress }) })
  if (!compiled.ok) return compiled
  const { wasm, rego } = compiled.value
  try {
    const module = await loadPolicyModule(wasm)
    probeModule(module)
    const wrong = checkExpectations(module, { ruleSet, now: toUtcText(now), things })
    if (wrong.length > 0) return err(wrong.map(({ line, column, message }) => ({ file, line, column, code: 'expectation_failed' as const, message })))
  } catch (fault) {
    if (!(fault instanceof PolicyFault)) throw fault
    return err([{ file, line: 1, column: 1, code: 'probe_failed', message: `The compiled policy failed its checks: ${fault.message}. Please report it.` }])
  }
  return ok(new BuiltArtifact(wasm, ruleSet, rego))
}

class BuiltArtifact implements Artifact {
  readonly wasm: Uint8Array
  readonly digest: string
  readonly ruleSet: RuleSet
  #rego: string | undefined

  constructor(wasm: Uint8Array, ruleSet: RuleSet, rego: string | undefined) {
    this.wasm = wasm
    this.digest = createHash('sha256').update(wasm).digest('base64url')
    this.ruleSet = ruleSet
    this.#rego = rego
  }

  get rego(): string {
    this.#rego ??= toRego(this.ruleSet)
    return this.#rego
  }
}

/** The same rule set gives the same text, on every machine. */
export function toRego(ruleSet: RuleSet): string {
  const library = readLibrary('sharing')
  return printModule(emitPolicy(ruleSet, library).sections, library)
}
