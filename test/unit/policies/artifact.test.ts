// From a text to an artifact: what it carries, that it is the same each time, and what stops it.
import { createHash } from 'node:crypto'
import { afterAll, expect, test, vi } from 'vitest'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowInput } from './cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const now = Date.parse('2026-11-23T10:00:00Z')
const file = 'policy.yaml'
const text = `version: 1
shares:
  - name: Studio
    who: [bob@example.test]
    what: ["tag:studio"]
    may: [play]
    until: "2026-12-01T00:00:00Z"
expect:
  - { who: bob@example.test, may: play, what: guitar-0042, answer: allow }
`
const things = [{ key: 'guitar-0042', type: 'guitar', tags: ['studio'] }]

test('the same text gives the same Rego and the same module, also from another compiler', async () => {
  const other = createCompiler()
  const [one, two] = [await buildArtifact({ text, file, now, compiler, things }), await buildArtifact({ text, file, now, compiler: other, things })]
  await other.close()
  if (!one.ok || !two.ok) throw new Error('a text that is right was refused')
  expect(two.value.rego).toBe(one.value.rego)
  expect(Buffer.from(two.value.wasm).equals(one.value.wasm)).toBe(true)
  expect(one.value.digest).toBe(createHash('sha256').update(two.value.wasm).digest('base64url'))
})

test('an expectation about a thing knows its type and tags from the things given', async () => {
  expect((await buildArtifact({ text, file, now, compiler, things })).ok).toBe(true)
  const without = await buildArtifact({ text, file, now, compiler })
  expect(without).toMatchObject({ ok: false, error: [{ file, line: 9, column: 5, code: 'expectation_failed' }] })
})

test('an expectation without "at" is asked at the time of the save', async () => {
  const late = await buildArtifact({ text, file, now: Date.parse('2026-12-01T00:00:00Z'), compiler, things })
  expect(late).toMatchObject({ ok: false, error: [{ code: 'expectation_failed', message: 'Expected allow, but the decision is deny (expired at line 3).' }] })
})

test('what the compiler says against the Rego comes back as diagnostics', async () => {
  const refused = await compiler.compile('package latchkey.sharing\ndecision := http.send({})\n')
  expect(refused).toMatchObject({ ok: false, error: [{ file: 'policy.rego', line: 2, column: 13, code: 'compiler_refused' }] })
})

test('a compiler that answers garbage gives a diagnostic, not an artifact', async () => {
  const garbage = { compile: async () => ({ ok: true as const, value: new Uint8Array([0, 1, 2]) }), close: async () => undefined }
  expect(await buildArtifact({ text, file, now, compiler: garbage })).toMatchObject({ ok: false, error: [{ code: 'probe_failed' }] })
})

test('a module that allows everything does not pass the probes', async () => {
  const lax = await compiler.compile('package latchkey.sharing\ndecision := {"effect": "allow", "reasons": [{"code": "share_allows"}], "obligations": []}\n')
  const swapped = { compile: async () => lax, close: async () => undefined }
  expect(await buildArtifact({ text, file, now, compiler: swapped })).toMatchObject({ ok: false, error: [{ code: 'probe_failed' }] })
})

test('a large policy gets the memory it needs', { timeout: 60_000 }, async () => {
  // Few rules, since those cost time, but some 200 KB of texts.
  const address = (group: number, member: number) => `${'u'.repeat(110)}${group}-${member}@${'e'.repeat(110)}.test`
  const groups = Array.from({ length: 40 }, (_, group) => `  g${group}: [${Array.from({ length: 20 }, (__, member) => address(group, member)).join(', ')}]`)
  const share = `  - { name: Many, who: [${Array.from({ length: 40 }, (_, group) => `g${group}`)
    .filter((name) => name !== 'g1')
    .join(', ')}], what: [everything], may: [play] }`
  const artifact = await buildArtifact({ text: `version: 1\npeople:\n${groups.join('\n')}\nshares:\n${share}\n`, file, now, compiler })
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  const module = await loadPolicyModule(artifact.value.wasm)
  expect(module.evaluate(rowInput({ who: address(39, 19), answer: 'allow', reasons: [] })).effect).toBe('allow')
  expect(module.evaluate(rowInput({ who: address(1, 19), answer: 'deny', reasons: [] })).effect).toBe('deny')
})
