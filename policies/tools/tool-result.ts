// What every tool answers: the command line prints it with --json, the API of the authz server sends it. It holds no behaviour.
import type { Household } from '../analysis/universe.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { PolicyLimits } from '../limits.ts'
import type { PolicyCompiler } from '../wasm/compile.ts'

export interface ToolResult {
  /** False: the text has errors, or a question under `expect` has another answer. */
  readonly ok: boolean
  /** Errors, in the order of the files and of their lines. */
  readonly diagnostics: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]
}

export interface ToolSource {
  /** For the diagnostics; no file is read. */
  readonly file: string
  readonly text: string
}

export interface ToolPorts {
  /** Milliseconds since 1970: of questions without an instant, and what `for` counts from. */
  readonly now: number
  readonly compiler: PolicyCompiler
  /** Undefined: nobody knows what the household has, so a name of a thing is taken as it is. */
  readonly household?: Household
  /** Those of texts that others send, unless told. */
  readonly limits?: PolicyLimits
}

/** What reading a text takes of the ports. */
export type ReadPorts = Pick<ToolPorts, 'now' | 'limits'>

export type Refused = ToolResult & { readonly ok: false }

export function refused(diagnostics: readonly Diagnostic[], warnings: readonly Diagnostic[] = []): Refused {
  return { ok: false, diagnostics, warnings }
}

/** For the parser, without what it does not take. */
export function readOptions({ file, text }: ToolSource, { now, limits }: ReadPorts) {
  return { file, text, now, ...(limits === undefined ? {} : { limits }) }
}

/** For the builders. */
export function buildOptions(source: ToolSource, { compiler, household, ...ports }: ToolPorts) {
  return { ...readOptions(source, ports), compiler, things: household?.things ?? [] }
}
