// Rego written by hand to a module that may guard: checked against the allow-list by the compiler, then probed in the thread where it will always run.
import { createHash } from 'node:crypto'
import type { Diagnostic } from '../diagnostic.ts'
import { err, ok, type Result } from '../result.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import { startModuleRunner } from '../runtime/worker/module-runner.ts'
import type { PolicyCompiler } from '../wasm/compile.ts'
import { checkText } from './check-text.ts'
import { probeHandWritten } from './probe-hand-written.ts'

export interface HandWrittenArtifact {
  readonly wasm: Uint8Array
  /** SHA-256 of the module, base64url without padding. */
  readonly digest: string
  /** The text as it came. */
  readonly rego: string
}

export interface HandWrittenOptions {
  readonly text: string
  /** For the diagnostics; no file is read. */
  readonly file: string
  readonly compiler: PolicyCompiler
}

export async function buildHandWritten({ text, file, compiler }: HandWrittenOptions): Promise<Result<HandWrittenArtifact, Diagnostic[]>> {
  const refused = checkText(text, file)
  if (refused.length > 0) return err([...refused])
  const wasm = await compiler.compile(text)
  if (!wasm.ok) return err(wasm.error.map((diagnostic) => ofAuthor(diagnostic, file)))
  const fault = await probe(wasm.value)
  if (fault !== undefined) return err([{ file, line: 1, column: 1, code: 'probe_failed', message: `The compiled file does not hold: ${fault.message}.` }])
  return ok({ wasm: wasm.value, digest: createHash('sha256').update(wasm.value).digest('base64url'), rego: text })
}

/** The compiler knows one file, and has places before the first column; the author's file has its own name. */
function ofAuthor({ code, line, column, message }: Diagnostic, file: string): Diagnostic {
  const remedy = code === 'compiler_failed' ? '. Shorten the file, and split long expressions' : ''
  return { file, line: Math.max(1, line), column: Math.max(1, column), code, message: message + remedy }
}

async function probe(wasm: Uint8Array): Promise<PolicyFault | undefined> {
  try {
    const runner = await startModuleRunner({ wasm })
    await probeHandWritten(runner).finally(() => runner.close())
    return undefined
  } catch (fault) {
    if (fault instanceof PolicyFault) return fault
    throw fault
  }
}
