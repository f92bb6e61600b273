// From an owner's text to what is saved: the text with its ends as instants, the module, and what pages say about it. It saves nothing.
import { resolveWithRules } from '../../../policies/edit/resolve-relative-ends.ts'
import type { CallHost } from '../../../policies/threads/serve-jobs.ts'
import { buildFromRules } from '../../../policies/wasm/artifact.ts'
import { RULES_FILE } from '../rules-file.ts'
import { createHostCompiler } from './host-compiler.ts'
import type { BuildJob, BuiltRules, WrongRules } from './job-types.ts'
import { placeDiagnostics } from './place-diagnostics.ts'
import { putInWords } from './put-in-words.ts'

export async function build(job: BuildJob, call: CallHost): Promise<BuiltRules | WrongRules> {
  const resolved = resolveWithRules({ text: job.text, file: RULES_FILE, now: job.now })
  if (!resolved.ok) return { kind: 'wrong', diagnostics: placeDiagnostics(job.text, resolved.error) }
  return buildRead(resolved.value, job, call)
}

/** For a text that was read already. */
export async function buildRead(
  { text, ruleSet }: { readonly text: string; readonly ruleSet: Parameters<typeof buildFromRules>[0] },
  { now, things, owner, publicClients }: Pick<BuildJob, 'now' | 'things' | 'owner' | 'publicClients'>,
  call: CallHost,
): Promise<BuiltRules | WrongRules> {
  const built = await buildFromRules(ruleSet, { file: RULES_FILE, now, things, compiler: createHostCompiler(call, owner) })
  if (!built.ok) return { kind: 'wrong', diagnostics: placeDiagnostics(text, built.error) }
  const { digest, wasm } = built.value
  return { kind: 'built', text, digest, wasm: new Uint8Array(wasm), inWords: putInWords({ text, ruleSet, now, things, publicClients }) }
}
