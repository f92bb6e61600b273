// Rego to WASM through OPA's own compiler in a worker thread, which starts when first needed and ends when idle. It evaluates nothing.
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { assetPath } from '../assets.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { err, ok, type Result } from '../result.ts'

/** The worker holds about 350 MB while it lives, so it ends after this long without work. */
export const COMPILER_IDLE_MILLISECONDS = 60_000
/** A document of 256 KiB compiles in a few seconds on a small machine, start included. */
export const COMPILER_LIMIT_MILLISECONDS = 30_000
// The module lives outside this heap; the heap holds the artefact while it is unpacked.
const COMPILER_HEAP_MEGABYTES = 256

export interface CompilerOptions {
  readonly idleMilliseconds?: number
  /** For one text, start of the worker included where it is not running. Then the worker is ended. */
  readonly limitMilliseconds?: number
}

export interface PolicyCompiler {
  /** The module's bytes; or what the compiler says about the Rego, positions in the Rego. Texts are compiled one after the other. */
  compile(rego: string): Promise<Result<Uint8Array, Diagnostic[]>>
  /** Ends the worker; what still waits is answered with a diagnostic. */
  close(): Promise<void>
}

interface Reply {
  readonly id: number
  readonly wasm?: Uint8Array
  readonly errors?: readonly { readonly code: string; readonly line: number; readonly column: number; readonly message: string }[]
}

const REGO_FILE = 'policy.rego'

export function createCompiler(options: CompilerOptions = {}): PolicyCompiler {
  const idle = options.idleMilliseconds ?? COMPILER_IDLE_MILLISECONDS
  const limit = options.limitMilliseconds ?? COMPILER_LIMIT_MILLISECONDS
  let worker: Worker | undefined
  let idleTimer: NodeJS.Timeout | undefined
  let tail: Promise<unknown> = Promise.resolve()
  let closed = false
  let jobs = 0

  async function end(): Promise<void> {
    clearTimeout(idleTimer)
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }

  async function run(rego: string): Promise<Result<Uint8Array, Diagnostic[]>> {
    if (closed) return failed('the compiler is closed')
    clearTimeout(idleTimer)
    worker ??= startWorker()
    jobs += 1
    const outcome = await ask(worker, { id: jobs, rego, limit })
    if (outcome.broken) await end()
    else {
      idleTimer = setTimeout(end, idle)
      idleTimer.unref()
    }
    return outcome.result
  }

  return {
    compile(rego) {
      const job = tail.then(() => run(rego))
      tail = job
      return job
    },
    async close() {
      closed = true
      await end()
    },
  }
}

function startWorker(): Worker {
  const worker = new Worker(pathToFileURL(assetPath('wasm/compiler/worker.mjs')), {
    resourceLimits: { maxOldGenerationSizeMb: COMPILER_HEAP_MEGABYTES },
    env: {},
    execArgv: [],
  })
  // An error between two texts must not end the program; the next text finds the worker gone and says so.
  worker.on('error', () => undefined)
  worker.unref()
  return worker
}

interface Outcome {
  readonly broken: boolean
  readonly result: Result<Uint8Array, Diagnostic[]>
}

function ask(worker: Worker, job: { readonly id: number; readonly rego: string; readonly limit: number }): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome) => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      worker.unref()
      resolve(outcome)
    }
    const broken = (why: string) => settle({ broken: true, result: failed(why) })
    const onMessage = (reply: Reply) => (reply.id === job.id ? settle({ broken: false, result: read(reply) }) : undefined)
    const onError = (error: unknown) => broken(`the compiler stopped: ${error instanceof Error ? error.message : 'without a reason'}`)
    const onExit = () => broken('the compiler ended before it answered')
    const timer = setTimeout(() => broken(`the compiler did not answer within ${job.limit} ms`), job.limit)
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.ref()
    worker.postMessage({ id: job.id, rego: job.rego })
  })
}

function read(reply: Reply): Result<Uint8Array, Diagnostic[]> {
  if (reply.wasm !== undefined) return ok(reply.wasm)
  const errors = reply.errors ?? []
  if (errors.length === 0) return failed('the compiler answered neither a module nor an error')
  return err(errors.map(({ line, column, message }) => ({ file: REGO_FILE, line, column, code: 'compiler_refused' as const, message })))
}

function failed(message: string): Result<Uint8Array, Diagnostic[]> {
  return err([{ file: REGO_FILE, line: 1, column: 1, code: 'compiler_failed', message }])
}
