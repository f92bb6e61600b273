// OPA's own evaluator gives the answers of the corpus too: same Rego text, same inputs, no WASM.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { UNKNOWN_INPUT } from '../../../policies/contract/unknown-input.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact, toRego } from '../../../policies/wasm/artifact.ts'
import { createCompiler, type PolicyCompiler } from '../../../policies/wasm/compile.ts'
import { propertyRuns, propertyTimeoutMilliseconds } from '../../support/runs.ts'
import { facts, policyDocument, textOf, withFacts } from '../../unit/policies/analysis/documents.ts'
import { CASES_NOW, readCases, rowDecision, rowInput } from '../../unit/policies/cases.ts'
import { readPlainly } from '../../unit/policies/plain-reading.ts'
import { COMPILER_FOLDER, goMissing, run } from './go.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const missing = goMissing()
const folder = mkdtempSync(join(tmpdir(), 'latchkey-oracle-'))
const program = join(folder, 'oracle')
let compiler: PolicyCompiler

beforeAll(async () => {
  compiler = createCompiler()
  if (missing === undefined) {
    await run('go', ['build', '-trimpath', '-buildvcs=false', '-o', program, './oracle'], {
      cwd: COMPILER_FOLDER,
      env: { ...process.env, GOTOOLCHAIN: 'local' },
    })
  }
}, 600_000)
afterAll(async () => {
  await compiler.close()
  rmSync(folder, { recursive: true })
})

interface Question {
  readonly rego: string
  /** For OPA itself anything may be a question. */
  readonly input: unknown
}

async function ask(questions: readonly Question[]): Promise<readonly { readonly results: unknown[]; readonly error?: string }[]> {
  const oracle = spawn(program, [join(COMPILER_FOLDER, 'builtins.json')], { stdio: ['pipe', 'pipe', 'inherit'] })
  oracle.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''))
  const chunks: Buffer[] = []
  for await (const chunk of oracle.stdout) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString('utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

const rows = readCases().flatMap(({ name, policy, decisions = [] }) => {
  if (decisions.length === 0) return []
  const ruleSet = parsePolicy({ text: policy, file: name, now: CASES_NOW })
  if (!ruleSet.ok) throw new Error(JSON.stringify(ruleSet.error))
  const rego = toRego(ruleSet.value)
  return decisions.map((row) => ({ name, row, rego, input: rowInput(row) }))
})

test('every decision of the corpus', { timeout: 120_000 }, async (context) => {
  if (missing !== undefined) return context.skip(missing)
  const answers = await ask(rows.map(({ rego, input }) => ({ rego, input })))
  expect(answers).toHaveLength(rows.length)
  for (const [index, { name, row }] of rows.entries()) {
    expect({ name, row, answer: answers[index] }).toEqual({ name, row, answer: { results: [rowDecision(row)] } })
  }
})

test('no decision where a fact that the rules read is missing or of a wrong type', { timeout: 120_000 }, async (context) => {
  if (missing !== undefined) return context.skip(missing)
  const text = `version: 1
defaults: { timezone: Europe/Paris }
shares: [{ name: A, who: [anyone-signed-in], what: [everything], may: [everything] }]
block: [{ who: [mallory@example.test] }]
pause: [{ what: [everything], from: 2026-12-01 }]
`
  const ruleSet = parsePolicy({ text, file: 'p.yaml' })
  if (!ruleSet.ok) throw new Error(JSON.stringify(ruleSet.error))
  const right = rowInput({ who: 'mallory@example.test', answer: 'deny', reasons: [] })
  const wrong: readonly unknown[] = [
    {},
    null,
    { ...right, party: { ...right.party, email: 7 } },
    { ...right, party: { ...right.party, email: undefined } },
    { ...right, now: 'xxxxxxxxxxxxxxxxxxxxxxxZ' },
    { ...right, now: '2026-13-99T10:00:00.000Z' },
    { ...right, local: { 'Europe/Paris': { date: ['2026', 11, 23] } } },
  ]
  const rego = toRego(ruleSet.value)
  const [first, ...others] = await ask([right, ...wrong].map((input) => ({ rego, input })))
  expect(first?.results).toMatchObject([{ effect: 'deny', reasons: [{ code: 'blocked' }] }])
  expect(others).toEqual(wrong.map(() => ({ results: [] })))
})

const DOCUMENTS = propertyRuns(0.2)
const REQUESTS_OF_EACH = 50
const party = fc.record({
  email: fc.constantFrom('ann@example.test', 'BEN@example.test', 'cat@band.test', 'eve@sub.band.test', null),
  email_verified: fc.boolean(),
  sub: fc.constantFrom('ann', 'app', 'eve', ''),
  issuer: fc.constantFrom('https://as.test', 'https://other.test'),
})
const thing = fc.record({
  key: fc.constantFrom('guitar', 'amp', 'stuff'),
  type: fc.constantFrom('wood', 'metal'),
  tags: fc.constantFrom<readonly string[]>([], ['studio'], ['live', 'studio']),
  device_id: fc.constantFrom('g-1', 'g-2', null),
})
const question = fc.record({ party, thing, facts, scope: fc.constantFrom('play', 'read', 'tune') })

test('the whole language: thousands of random questions are answered alike by WASM, by a plain reading and by OPA itself', {
  timeout: propertyTimeoutMilliseconds(600_000),
}, async () => {
  const seed = Math.floor(Math.random() * 0x7fffffff)
  const seen = { allow: 0, ask: 0, deny: 0 }
  const asked: Question[] = []
  const own: unknown[] = []
  for (const [number, document] of fc.sample(policyDocument, { numRuns: DOCUMENTS, seed }).entries()) {
    const artifact = await buildArtifact({ text: textOf(document), file: 'p.yaml', now: 0, compiler })
    if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
    const module = await loadPolicyModule(artifact.value.wasm)
    for (const one of fc.sample(question, { numRuns: REQUESTS_OF_EACH, seed: seed + number })) {
      const plain = withFacts({ ...UNKNOWN_INPUT, scope: one.scope, resource: { ...UNKNOWN_INPUT.resource, ...one.thing } }, one.facts)
      const { client: client_id, device: device_id, link } = one.facts
      const input = { ...plain, party: { ...plain.party, ...one.party, client_id, device_id, link } }
      const decision = module.evaluate(input)
      expect({ seed, document, input, decision }).toEqual({ seed, document, input, decision: readPlainly(artifact.value.ruleSet, input) })
      seen[decision.effect] += 1
      asked.push({ rego: artifact.value.rego, input })
      own.push(decision)
    }
  }
  expect(asked).toHaveLength(DOCUMENTS * REQUESTS_OF_EACH)
  expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(100)
  if (missing !== undefined) return
  const answers = await ask(asked)
  const different = answers.flatMap(({ results }, index) =>
    JSON.stringify(sorted(results)) === JSON.stringify(sorted([own[index]])) ? [] : [{ seed, ...asked[index], results, own: own[index] }],
  )
  expect(different.slice(0, 2)).toEqual([])
})

const ZONES = [
  'Europe/Paris',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Tehran',
  'UTC',
]
const HOUR = 3_600_000

test('local time: through all of 2026, in zones of every kind', { timeout: 300_000 }, async (context) => {
  if (missing !== undefined) return context.skip(missing)
  const questions: Question[] = []
  const own: unknown[] = []
  for (const zone of ZONES) {
    const text = `version: 1\ntimezone: ${zone}\nshares:\n  - { name: A, who: [anyone-signed-in], what: [everything], may: [everything], only: { days: [tue, fri-sat], between: "21:30-02:15" }, until: 2026-10-31 }\n`
    const artifact = await buildArtifact({ text, file: zone, now: 0, compiler })
    if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
    const module = await loadPolicyModule(artifact.value.wasm)
    // The odd rest walks through all minutes of the day.
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 4 * HOUR + 60_001) {
      const input = rowInput({ now: new Date(at).toISOString(), answer: 'allow', reasons: [] })
      questions.push({ rego: artifact.value.rego, input })
      own.push(module.evaluate(input))
    }
  }
  const answers = await ask(questions)
  const different = answers.flatMap((answer, index) =>
    JSON.stringify(sorted(answer.results)) === JSON.stringify(sorted([own[index]])) ? [] : [{ input: questions[index]?.input, answer, own: own[index] }],
  )
  expect(different.slice(0, 3)).toEqual([])
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
