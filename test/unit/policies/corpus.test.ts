// Each case of test/cases: its document gives its golden Rego and its decisions, or its diagnostics at their places.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { CONDITION_KINDS } from '../../../policies/conditions/registry.ts'
import { OBLIGATION_KINDS } from '../../../policies/obligations/registry.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { CASES_FOLDER, CASES_NOW, readCases, rowDecision, rowInput } from './cases.ts'
import { goldens, updateGoldens } from './goldens.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const cases = readCases()
const now = CASES_NOW

const deciding = cases.filter((one) => one.decisions !== undefined)
const refused = cases.filter((one) => one.diagnostics !== undefined)

test.each(deciding)('$name: $title', async ({ name, policy, decisions = [] }) => {
  const artifact = await buildArtifact({ text: policy, file: `${name}.yaml`, now, compiler })
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  const module = await loadPolicyModule(artifact.value.wasm)
  for (const row of decisions) expect({ row, decision: module.evaluate(rowInput(row)) }).toEqual({ row, decision: rowDecision(row) })
})

test.each(refused)('$name: $title', async ({ name, policy, diagnostics = [] }) => {
  const artifact = await buildArtifact({ text: policy, file: `${name}.yaml`, now, compiler })
  const found = artifact.ok ? [] : artifact.error.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`)
  // A row may leave the end of the sentence out.
  expect(found.map((text, index) => (text.startsWith(diagnostics[index] ?? text) ? diagnostics[index] : text))).toEqual(diagnostics)
})

test('each condition, each obligation and each part of a document has its folder', () => {
  const folders = new Set(cases.map(({ name }) => name.split('/')[0]))
  const parts = [...CONDITION_KINDS.map(({ kind }) => kind), ...OBLIGATION_KINDS.map(({ kind }) => kind.replaceAll('_', '-'))]
  expect([...parts, 'who', 'what', 'for', 'ask', 'block', 'pause', 'expect', 'defaults', 'yaml'].filter((part) => !folders.has(part))).toEqual([])
})

test('every case says what it expects, and there are at least 120', () => {
  expect(cases.filter((one) => (one.decisions === undefined) === (one.diagnostics === undefined))).toEqual([])
  expect(cases.length).toBeGreaterThanOrEqual(120)
})

// `npm run update-goldens` sets it.
if (process.env['UPDATE_GOLDENS'] === '1') updateGoldens()

test('the goldens are what the code makes (npm run update-goldens)', () => {
  for (const [file, text] of goldens()) expect({ file, text: readFileSync(file, 'utf8') }).toEqual({ file, text })
})

test('no golden is left of a case that is gone', () => {
  const known = [...goldens().keys()]
  const left = readdirSync(CASES_FOLDER, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.rego') && !known.includes(join(CASES_FOLDER, file)),
  )
  expect(left).toEqual([])
})
