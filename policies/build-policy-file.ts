// Builds any file of rules, told apart by its name and its own words: an owner's shares, an operator's guardrails, or Rego written by hand.
import type { Diagnostic } from './diagnostic.ts'
import { buildGuardrails } from './guardrails/build-guardrails.ts'
import { buildHandWritten } from './hand-written/build-hand-written.ts'
import { ok, type Result } from './result.ts'
import { type ArtifactOptions, buildArtifact } from './wasm/artifact.ts'
import { readYaml } from './yaml/read-yaml.ts'

export type PolicyFileKind = 'shares' | 'guardrails' | 'hand_written'

export interface BuiltPolicyFile {
  readonly kind: PolicyFileKind
  readonly wasm: Uint8Array
  /** SHA-256 of the module, base64url without padding. */
  readonly digest: string
  readonly rego: string
}

const BUILDERS = { shares: buildArtifact, guardrails: buildGuardrails, hand_written: buildHandWritten } as const

export async function buildPolicyFile(options: ArtifactOptions): Promise<Result<BuiltPolicyFile, Diagnostic[]>> {
  const kind = kindOfPolicyFile(options)
  const built = await BUILDERS[kind](options)
  if (!built.ok) return built
  const { value } = built
  return ok({
    kind,
    wasm: value.wasm,
    digest: value.digest,
    // Not every caller needs it, and large policies take a while to print.
    get rego() {
      return value.rego
    },
  })
}

/** Rego by the end of its name. Of YAML, what has `guardrails` and nothing of an owner's is one of guardrails; all else is a sharing policy, and told so. */
export function kindOfPolicyFile({ text, file }: Pick<ArtifactOptions, 'text' | 'file'>): PolicyFileKind {
  if (file.endsWith('.rego')) return 'hand_written'
  // Saves reading the text twice in nearly all cases.
  if (!text.includes('guardrails')) return 'shares'
  const yaml = readYaml(text)
  const keys = yaml.ok && typeof yaml.value.value === 'object' && yaml.value.value !== null ? Object.keys(yaml.value.value) : []
  return keys.includes('guardrails') && !keys.includes('shares') ? 'guardrails' : 'shares'
}
