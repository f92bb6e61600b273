// A bundle that `latchkey policy build` writes is loaded by OPA's own loader, and decides as the module does.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { buildRules } from '../../../policies/tools/build-rules.ts'
import { createCompiler, type PolicyCompiler } from '../../../policies/wasm/compile.ts'
import { readCases, rowDecision, rowInput } from '../../unit/policies/cases.ts'
import { COMPILER_FOLDER, goMissing, run } from './go.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const missing = goMissing()
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bundle-'))
const program = join(folder, 'bundle-oracle')
let compiler: PolicyCompiler

beforeAll(async () => {
  compiler = createCompiler()
  if (missing === undefined) {
    await run('go', ['build', '-trimpath', '-buildvcs=false', '-o', program, './bundle-oracle'], {
      cwd: COMPILER_FOLDER,
      env: { ...process.env, GOTOOLCHAIN: 'local' },
    })
  }
}, 600_000)
afterAll(async () => {
  await compiler.close()
  rmSync(folder, { recursive: true })
})

async function ask(questions: readonly { readonly bundle: string; readonly input?: unknown }[]): Promise<readonly Record<string, unknown>[]> {
  const oracle = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  oracle.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''))
  const chunks: Buffer[] = []
  for await (const chunk of oracle.stdout) chunks.push(chunk)
  return Buffer.concat(chunks)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function writeBundle(name: string, text: string, form: 'bundle' | 'bundle-wasm') {
  const { result, content } = await buildRules({ file: name, text }, { now: Date.parse('2026-11-23T10:00:00Z'), compiler, form })
  if (content === undefined) throw new Error(JSON.stringify(result.diagnostics))
  const bundle = join(folder, `${name.replaceAll('/', '-')}-${form}.tar.gz`)
  writeFileSync(bundle, content)
  return { bundle, digest: result.digest }
}

// Every third case: the bundle is the matter here; oracle.test.ts asks all of them.
const CASES = readCases().filter(({ decisions = [] }, index) => decisions.length > 0 && index % 3 === 0)

test('a bundle of Rego decides as the corpus says, in stock OPA', { timeout: 300_000 }, async (context) => {
  if (missing !== undefined) return context.skip(missing)
  const rows = []
  for (const { name, policy, decisions = [] } of CASES) {
    const { bundle } = await writeBundle(name, policy, 'bundle')
    rows.push(...decisions.map((row) => ({ name, row, bundle, input: rowInput(row) })))
  }
  const answers = await ask(rows.map(({ bundle, input }) => ({ bundle, input })))
  expect(answers).toHaveLength(rows.length)
  expect(rows.length).toBeGreaterThan(20)
  for (const [index, { name, row }] of rows.entries()) {
    expect({ name, row, answer: answers[index] }).toEqual({ name, row, answer: { results: [rowDecision(row)] } })
  }
})

test('the loader finds the manifest, the Rego, and the module with its entrypoint', async (context) => {
  if (missing !== undefined) return context.skip(missing)
  const text = 'version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [x], may: [y] }\n'
  const rego = await writeBundle('small', text, 'bundle')
  const wasm = await writeBundle('small', text, 'bundle-wasm')
  const head = { revision: rego.digest, roots: ['latchkey/sharing'], rego_version: 1 }
  expect(await ask([rego, wasm].map(({ bundle }) => ({ bundle })))).toEqual([
    { ...head, rego: ['/policy.rego'] },
    { ...head, modules: [{ entrypoints: ['data.latchkey.sharing.decision'], digest: wasm.digest }] },
  ])
})
