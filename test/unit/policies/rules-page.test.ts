// docs/rules.md says what the code does: its example works, its codes are the codes, its files exist.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { DIAGNOSTIC_CODES } from '../../../policies/diagnostic.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/rules.md'), 'utf8')

const compiler = createCompiler()
afterAll(() => compiler.close())

test('the example is a policy, and its expectations hold', async () => {
  const text = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? ''
  const artifact = await buildArtifact({ text, file: 'docs/rules.md', now: Date.parse('2026-11-23T10:00:00Z'), compiler })
  expect(artifact.ok ? artifact.value.ruleSet.expect.length : artifact.error).toBe(2)
})

test('the table of diagnostics has every code, and no other', () => {
  const section = page.slice(page.indexOf('## Codes of diagnostics'), page.indexOf('## From YAML to WASM'))
  expect([...section.matchAll(/^\| `(\w+)` +\|/gm)].map((row) => row[1]).sort()).toEqual([...DIAGNOSTIC_CODES].sort())
})

test('every file that is named exists', () => {
  const files = [...page.matchAll(/`(policies\/[\w./-]+\.\w+)`/g)].map((match) => match[1] ?? '')
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
})
