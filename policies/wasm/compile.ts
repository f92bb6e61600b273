// Rego to WASM through OPA's own compiler in a worker thread, which starts when first needed and ends when idle. It evaluates nothing.
import { pathToFileURL } from 'node:url'
import { assetPath } from '../assets.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { err, ok, type Result } from '../result.ts'
import { createLimitedThread, type JobOutcome } from '../threads/limited-thread.ts'

/** The worker holds about 350 MB while it lives, so it ends after this long without work. */
export const COMPILER_IDLE_MILLISECONDS = 60_000
/** Of processor time, for one module. The largest one that other people's rules can make takes a third of it on a small machine. */
export const COMPILER_CPU_MILLISECONDS = 30_000
/** For one's own rules on the command line: the largest module takes a minute on a slow machine. */
export const OWN_COMPILER_CPU_MILLISECONDS = 300_000
/** A thread that gets no processor for this long is as good as stuck. */
const WALL_FACTOR = 10
// The module lives outside this heap; the heap holds the artefact while it is unpacked.
const COMPILER_HEAP_MEGABYTES = 256

export interface CompilerOptions {
  readonly idleMilliseconds?: number
  /** Of processor time, for one module. Then the worker is ended. */
  readonly cpuMilliseconds?: number
}

export interface PolicyCompiler {
  /** The module's bytes; or what the compiler says about the Rego, positions in the Rego. Modules are compiled one after the other. */
  compile(rego: string, options?: { readonly onUsed?: (cpuMilliseconds: number) => void }): Promise<Result<Uint8Array, Diagnostic[]>>
  /** Ends the worker; what still waits is answered with a diagnostic. */
  close(): Promise<void>
}

interface Reply {
  readonly wasm?: Uint8Array
  readonly errors?: readonly { readonly code: string; readonly line: number; readonly column: number; readonly message: string }[]
}

/** The file of diagnostics that speak of generated Rego, which no author has seen. */
export const REGO_FILE = 'policy.rego'

export function createCompiler({
  idleMilliseconds = COMPILER_IDLE_MILLISECONDS,
  cpuMilliseconds = COMPILER_CPU_MILLISECONDS,
}: CompilerOptions = {}): PolicyCompiler {
  const thread = createLimitedThread({
    entry: pathToFileURL(assetPath('wasm/compiler/worker.mjs')),
    heapMegabytes: COMPILER_HEAP_MEGABYTES,
    idleMilliseconds,
    execArgv: [],
  })
  const limits = { cpuMilliseconds, wallMilliseconds: WALL_FACTOR * cpuMilliseconds }
  let tail: Promise<unknown> = Promise.resolve()
  return {
    compile(rego, { onUsed = () => undefined } = {}) {
      const job = tail.then(async () => {
        const outcome = await thread.run(rego, limits)
        if ('cpuMilliseconds' in outcome) onUsed(outcome.cpuMilliseconds)
        return readOutcome(outcome, cpuMilliseconds)
      })
      tail = job
      return job
    },
    close: () => thread.close(),
  }
}

function readOutcome(outcome: JobOutcome, cpuMilliseconds: number): Result<Uint8Array, Diagnostic[]> {
  switch (outcome.kind) {
    case 'answer':
      return readReply(outcome.value as Reply)
    case 'limit':
      return failed('too_large', describeLimit(outcome.limit, cpuMilliseconds))
    case 'fault':
    case 'crash':
      return failed('compiler_failed', `The compiler stopped: ${outcome.message}. Try again, and report it if it happens again.`)
    case 'closed':
      return failed('compiler_failed', 'The compiler is closed, because the program is stopping. Try again once it runs.')
  }
}

function describeLimit(limit: 'cpu' | 'wall' | 'memory', cpuMilliseconds: number): string {
  const remedy = 'Use fewer rules for one thing, or shorter lists in them'
  if (limit === 'memory') return `Compiling the rules took more memory than the compiler may use. ${remedy}.`
  if (limit === 'cpu') return `Compiling the rules took more than ${cpuMilliseconds} ms of processor time, which is the limit for one module. ${remedy}.`
  return 'The compiler got no processor time, because the machine is too busy. Try again later.'
}

function readReply(reply: Reply): Result<Uint8Array, Diagnostic[]> {
  if (reply.wasm !== undefined) return ok(reply.wasm)
  const errors = reply.errors ?? []
  if (errors.length === 0) return failed('compiler_failed', 'The compiler returned neither a module nor an error. Please report it.')
  return err(errors.map(({ line, column, message }) => ({ file: REGO_FILE, line, column, code: 'compiler_refused' as const, message })))
}

function failed(code: 'compiler_failed' | 'too_large', message: string): Result<Uint8Array, Diagnostic[]> {
  return err([{ file: REGO_FILE, line: 1, column: 1, code, message }])
}
