// The examples of docs/guardrails.md are built as they stand there, their own expectations included.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { buildPolicyFile } from '../../../policies/build-policy-file.ts'
import { startModuleRunner } from '../../../policies/runtime/worker/module-runner.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowInput } from './cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const page = readFileSync(join(import.meta.dirname, '../../../docs/guardrails.md'), 'utf8')

async function buildExample(language: string, file: string) {
  const [, text = ''] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page) ?? []
  const built = await buildPolicyFile({ text, file, now: 0, compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  return built.value
}

test('the guardrails of the page', async () => {
  expect((await buildExample('yaml', 'guardrails.yaml')).kind).toBe('guardrails')
})

test('the Rego of the page, and what it answers', async () => {
  const { kind, wasm } = await buildExample('rego', 'guardrails.rego')
  expect(kind).toBe('hand_written')
  const runner = await startModuleRunner({ wasm, decisionMilliseconds: 2_000 })
  expect((await runner.evaluate(rowInput({ tags: ['loud', 'indoors'], answer: 'deny', reasons: [] }))).effect).toBe('deny')
  expect((await runner.evaluate(rowInput({ tags: ['loud'], answer: 'allow', reasons: [] }))).effect).toBe('allow')
  await runner.close()
})
