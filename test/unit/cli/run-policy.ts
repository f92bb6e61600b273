// Runs `latchkey policy ...` in this process with ports of its own: a clock that stands, standard input from a text.
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll } from 'vitest'
import { buildPolicyCommand } from '../../../cli/policy.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'

// Starting one takes seconds on a busy machine; it sleeps between texts, and ends with the file of tests.
const shared = createCompiler()
afterAll(() => shared.close())

export interface PolicyRun {
  readonly out: string
  readonly error: string
  readonly exit: number
}

/** A Monday. */
export const NOW = Date.parse('2026-11-23T10:00:00Z')

export async function runPolicy(words: readonly string[], input = ''): Promise<PolicyRun> {
  const seen = { out: '', error: '', exit: -1 }
  const command = await buildPolicyCommand(words, {
    out: (text) => {
      seen.out += text
    },
    error: (text) => {
      seen.error += text
    },
    now: () => NOW,
    exit: (code) => {
      seen.exit = code
    },
    createCompiler: () => ({ compile: (rego) => shared.compile(rego), close: async () => {} }),
    readFile: (path) => readFile(path),
    writeFile: (path, content) => writeFile(path, content),
    readInput: async () => Buffer.from(input),
  })
  await command.parseAsync([...words], { from: 'user' })
  return seen
}
