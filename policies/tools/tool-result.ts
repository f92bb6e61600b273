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
  /** Does work that takes long where rules are many, or gives undefined because it took too long. Left out: takes the time it takes. */
  readonly bounded?: <Value extends object>(work: () => Value) => Value | undefined
}

/** What reading a text takes of the ports. */
export type ReadPorts = Pick<ToolPorts, 'now' | 'limits'>

export type Refused = ToolResult & { readonly ok: false }

export function refused(diagnostics: readonly Diagnostic[], warnings: readonly Diagnostic[] = []): Refused {
  return { ok: false, diagnostics, warnings }
}

/** What the table of all people and things takes of the ports. */
export type TablePorts = Omit<ToolPorts, 'compiler'>

export function boundedBy<Value extends object>({ bounded }: Pick<ToolPorts, 'bounded'>, work: () => Value): Value | undefined {
  return bounded === undefined ? work() : bounded(work)
}

/** In place of an answer that would take too long. */
export function tooLong({ file }: ToolSource): Diagnostic {
  const message = 'There are too many rules to compare here. Use the command line (latchkey policy), which has no time limit.'
  return { file, line: 1, column: 1, code: 'too_large', message }
}

/** For the parser, without what it does not take. */
export function readOptions({ file, text }: ToolSource, { now, limits }: ReadPorts) {
  return { file, text, now, ...(limits === undefined ? {} : { limits }) }
}

/** For the builders. */
export function buildOptions(source: ToolSource, { compiler, household, ...ports }: Omit<ToolPorts, 'bounded'>) {
  return { ...readOptions(source, ports), compiler, things: household?.things ?? [] }
}
