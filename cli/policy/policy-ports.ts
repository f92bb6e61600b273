// What the policy commands need of the machine: files, standard input, the clock, and where to print. A test gives its own.
import { readFile, writeFile } from 'node:fs/promises'
import { createCompiler, OWN_COMPILER_CPU_MILLISECONDS, type PolicyCompiler } from '../../policies/wasm/compile.ts'

export interface PolicyCommandPorts {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly exit: (code: number) => void
  /** Closed when the command ends. */
  readonly createCompiler: () => PolicyCompiler
  /** For people who wait; undefined where nobody looks. */
  readonly progress?: ((text: string) => void) | undefined
  readonly readFile: (path: string) => Promise<Uint8Array>
  readonly writeFile: (path: string, content: string | Uint8Array) => Promise<void>
  /** All of standard input. */
  readonly readInput: () => Promise<Uint8Array>
}

export const PROCESS_PORTS: PolicyCommandPorts = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  now: Date.now,
  exit: (code) => {
    process.exitCode = code
  },
  createCompiler: () => createCompiler({ cpuMilliseconds: OWN_COMPILER_CPU_MILLISECONDS }),
  progress: process.stderr.isTTY ? (text) => process.stderr.write(text) : undefined,
  readFile: (path) => readFile(path),
  writeFile: (path, content) => writeFile(path, content),
  readInput: async () => {
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  },
}
