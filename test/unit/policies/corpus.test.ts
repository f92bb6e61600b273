// Each case of test/cases: its document gives its golden Rego and its decisions, or its diagnostics at their places.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, test, vi } from 'vitest'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { CASES_FOLDER, readCases, rowDecision, rowInput } from './cases.ts'
import { goldens, updateGoldens } from './goldens.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const cases = readCases()
const now = Date.parse('2026-11-23T10:00:00Z')

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

test('every case says what it expects, and there are at least 40', () => {
  expect(cases.filter((one) => (one.decisions === undefined) === (one.diagnostics === undefined))).toEqual([])
  expect(cases.length).toBeGreaterThanOrEqual(40)
})

// `npm run update-goldens` sets it.
if (process.env['UPDATE_GOLDENS'] === '1') updateGoldens()

test('the goldens are what the code makes (npm run update-goldens)', () => {
  for (const [file, text] of goldens()) expect({ file, text: readFileSync(file, 'utf8') }).toEqual({ file, text })
})

test('no golden is left of a case that is gone', () => {
  const known = [...goldens().keys()]
  const left = readdirSync(CASES_FOLDER).filter((file) => file.endsWith('.rego') && !known.some((path) => path.endsWith(`/${file}`)))
  expect(left).toEqual([])
})
