// Rego written by hand to a module that may guard: checked against the allow-list by the compiler, then probed in the thread where it will always run.
import { createHash } from 'node:crypto'
import type { Diagnostic } from '../diagnostic.ts'
import { err, ok, type Result } from '../result.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import { makeBuiltinsStrict } from '../runtime/strict-builtins.ts'
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
  const compiled = await compiler.compile(text)
  if (!compiled.ok) return err(compiled.error.map((diagnostic) => ofAuthor(diagnostic, file)))
  try {
    const wasm = makeBuiltinsStrict(compiled.value)
    await probe(wasm)
    return ok(describe(wasm, text))
  } catch (fault) {
    if (!(fault instanceof PolicyFault)) throw fault
    return err([{ file, line: 1, column: 1, code: 'probe_failed', message: `The compiled file failed its checks: ${fault.message}.` }])
  }
}

function describe(wasm: Uint8Array, rego: string): HandWrittenArtifact {
  return { wasm, digest: createHash('sha256').update(wasm).digest('base64url'), rego }
}

/** The compiler knows one file, and has places before the first column; the author's file has its own name. */
function ofAuthor({ code, line, column, message }: Diagnostic, file: string): Diagnostic {
  const remedy = code === 'too_large' ? ' Shorten the file, and split long expressions.' : ''
  return { file, line: Math.max(1, line), column: Math.max(1, column), code, message: message + remedy }
}

async function probe(wasm: Uint8Array): Promise<void> {
  const runner = await startModuleRunner({ wasm })
  await probeHandWritten(runner).finally(() => runner.close())
}
