// Runs OPA's compiler inside a worker thread: unpack the artefact, start it, answer one text after the other. It gives the compiler no files and no network.
import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { runInThisContext } from 'node:vm'
import { parentPort } from 'node:worker_threads'
import { brotliDecompressSync } from 'node:zlib'
import { sha256, unpack } from './container.mjs'

const HERE = import.meta.dirname

function artefact() {
  const compressed = readFileSync(join(HERE, 'opa-compiler.br'))
  const sums = JSON.parse(readFileSync(join(HERE, 'checksums.json'), 'utf8'))
  if (sha256(compressed) !== sums.artefact.sha256) throw new Error('opa-compiler.br does not have its checksum')
  return unpack(brotliDecompressSync(compressed))
}

async function start() {
  const files = artefact()
  // The Go shim takes its file system and its HTTP client from these globals; without them it has neither.
  for (const name of ['fs', 'fetch', 'WebSocket', 'XMLHttpRequest']) Reflect.deleteProperty(globalThis, name)
  runInThisContext(Buffer.from(files['wasm_exec.js']).toString('utf8'), { filename: 'wasm_exec.js' })
  const go = new globalThis.Go()
  // Collects less often than Go would by itself: compiling takes two thirds of the time, and the worker ends when idle anyway.
  go.env = { GOGC: '400' }
  const { instance } = await WebAssembly.instantiate(files['compiler.wasm'], go.importObject)
  go.run(instance)
  const refusal = globalThis.latchkeyCompiler.configure(readFileSync(join(HERE, 'builtins.json'), 'utf8'))
  if (refusal !== null) throw new Error(refusal)
  return globalThis.latchkeyCompiler.compile
}

/** As the system numbers it; only Linux says. */
function threadId() {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1)) || undefined
  } catch {
    return undefined
  }
}

// The messages are those of policies/threads/thread-messages.ts.
const compile = await start()
parentPort.on('message', ({ id, job }) => parentPort.postMessage({ kind: 'answer', id, value: compile(job) }))
parentPort.postMessage({ kind: 'ready', threadId: threadId() })
