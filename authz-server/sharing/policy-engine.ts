// The policy engine as this server uses it: one compiler, which sleeps between saves, and the modules that were asked lately.
import type { Decision } from '../../policies/contract/decision.ts'
import type { DecisionInput } from '../../policies/contract/decision-input.ts'
import type { Diagnostic } from '../../policies/diagnostic.ts'
import { resolveRelativeEnds } from '../../policies/edit/resolve-relative-ends.ts'
import type { RuleSet } from '../../policies/model/rule-set.ts'
import { parsePolicy } from '../../policies/parse-policy.ts'
import { loadPolicyModule, type PolicyModule } from '../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../policies/wasm/artifact.ts'
import { createCompiler, type PolicyCompiler } from '../../policies/wasm/compile.ts'
import type { Thing } from '../../policies/wasm/expectations.ts'
import type { Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'

export interface BuiltPolicy {
  /** SHA-256 of `wasm`, base64url. */
  readonly digest: string
  readonly wasm: Uint8Array
}

export interface BuildContext {
  readonly now: EpochSeconds
  /** The owner's, so that their expectations know types and tags. */
  readonly things: readonly Thing[]
}

export interface PolicyEngine {
  /** For the tools, which save nothing. Texts are compiled one after the other. */
  readonly compiler: PolicyCompiler
  /** The whole path from text to a probed module, the owner's expectations included; or everything that is wrong with the text. */
  build(text: string, context: BuildContext): Promise<Result<BuiltPolicy, readonly Diagnostic[]>>
  /** The text with an instant in place of each `for`, which begins to run now; nothing else of it changes. */
  resolve(text: string, now: EpochSeconds): Result<string, readonly Diagnostic[]>
  read(text: string): Result<RuleSet, readonly Diagnostic[]>
  /** Asks a module; `load` is called when it is not at hand. Throws PolicyFault for whatever is no decision. */
  decide(policy: { readonly digest: string; readonly load: () => Promise<Uint8Array | undefined> }, input: DecisionInput): Promise<Decision>
  close(): Promise<void>
}

/** How a text is called in diagnostics. */
export const RULES_FILE = 'rules.yaml'
/** A module in use takes about 100 KB. */
const MODULES_KEPT = 100

export function createPolicyEngine(): PolicyEngine {
  const compiler = createCompiler()
  const modules = new Map<string, PolicyModule>()

  async function findModule(digest: string, load: () => Promise<Uint8Array | undefined>): Promise<PolicyModule> {
    const known = modules.get(digest)
    if (known !== undefined) {
      // Newest last, so that the first is the one unused for longest.
      modules.delete(digest)
      modules.set(digest, known)
      return known
    }
    const wasm = await load()
    if (wasm === undefined) throw new Error(`the artifact ${digest} is not in the store`)
    const module = await loadPolicyModule(wasm)
    const [oldest] = modules.keys()
    if (modules.size >= MODULES_KEPT && oldest !== undefined) modules.delete(oldest)
    modules.set(digest, module)
    return module
  }

  return {
    compiler,
    build: (text, { now, things }) => buildArtifact({ text, file: RULES_FILE, now: now * 1000, compiler, things }),
    resolve: (text, now) => resolveRelativeEnds({ text, file: RULES_FILE, now: now * 1000 }),
    read: (text) => parsePolicy({ text, file: RULES_FILE }),
    decide: async ({ digest, load }, input) => (await findModule(digest, load)).evaluate(input),
    close: () => compiler.close(),
  }
}
