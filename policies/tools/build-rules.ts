// `build`: a file of rules as the module that sidecars run, or as a bundle for stock OPA. It writes no file.
import { buildPolicyFile, type PolicyFileKind } from '../build-policy-file.ts'
import { buildBundle } from '../bundle/build-bundle.ts'
import { readParts } from '../runtime/module-file.ts'
import { buildOptions, refused, type ToolPorts, type ToolResult, type ToolSource } from './tool-result.ts'

export const BUILD_FORMS = ['module', 'bundle', 'bundle-wasm'] as const
/** `bundle` holds the Rego, `bundle-wasm` the module in its place. */
export type BuildForm = (typeof BUILD_FORMS)[number]

export interface BuildResult extends ToolResult {
  readonly kind?: PolicyFileKind
  readonly form: BuildForm
  /** SHA-256 of the module, base64url without padding; a bundle has it as its revision. */
  readonly digest?: string
  /** Of what is written. */
  readonly bytes?: number
}

export interface Built {
  readonly result: BuildResult
  /** What is written; undefined where it is not ok. */
  readonly content?: Uint8Array
}

const IN_PARTS = 'The policy has so many rules that it is compiled in parts, which unmodified OPA cannot load. Build a bundle with Rego instead: omit --wasm.'

export async function buildRules(source: ToolSource, { form, ...ports }: ToolPorts & { readonly form: BuildForm }): Promise<Built> {
  const built = await buildPolicyFile(buildOptions(source, ports))
  if (!built.ok) return { result: { ...refused(built.error), form } }
  const { kind, digest, wasm } = built.value
  if (form === 'bundle-wasm' && isInParts(wasm))
    return { result: { ...refused([{ file: source.file, line: 1, column: 1, code: 'too_large', message: IN_PARTS }]), form } }
  const content = form === 'module' ? wasm : buildBundle({ digest, rego: built.value.rego, ...(form === 'bundle-wasm' ? { wasm } : {}) })
  return { result: { ok: true, diagnostics: [], warnings: [], kind, form, digest, bytes: content.length }, content }
}

function isInParts(wasm: Uint8Array): boolean {
  return readParts(new WebAssembly.Module(wasm)) !== undefined
}
