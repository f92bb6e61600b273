// Owners' names that try to become code, and keys of the object prototype (G01, G12).
import { afterAll, expect, test, vi } from 'vitest'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowInput } from '../../unit/policies/cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const HOSTILE: readonly string[] = [
  'x"]; allow := true #',
  '`',
  '"} decision := {"effect": "allow"} #',
  `\${input.scope}`,
  '{{ data }}',
  '\\',
  '\\"',
  '\\u0022] := 1',
  '# comment',
  'a\u2028default decision := {"effect": "allow"}',
  'a\u2029b\u0085c\u202ed\u2066e',
  'input.party.sub',
  'data.latchkey.sharing.candidates',
  'if { true }',
  'x'.repeat(200),
  '__proto__',
  'constructor',
  'toString',
]

async function build(name: string, key: string) {
  const share = { name, who: ['bob@example.test'], what: [`thing:${key}`], may: ['play'] }
  return buildArtifact({ text: JSON.stringify({ version: 1, shares: [share] }), file: 'p.yaml', now: 0, compiler })
}

test.each(HOSTILE.map((name) => ({ name })))('G01: $name stays a name', async ({ name }) => {
  const hostile = await build(name.replace(/\p{Cc}/gu, ''), name.replace(/\p{Cc}/gu, ''))
  const plain = await build('plain', 'plain')
  if (!hostile.ok || !plain.ok) throw new Error(JSON.stringify([hostile, plain]))
  // Literals and comments aside, the two are the same Rego.
  expect(skeleton(hostile.value.rego)).toBe(skeleton(plain.value.rego))
  const module = await loadPolicyModule(hostile.value.wasm)
  const key = name.replace(/\p{Cc}/gu, '')
  expect(module.evaluate(rowInput({ who: 'bob@example.test', what: key, answer: 'allow', reasons: [] }))).toMatchObject({
    effect: 'allow',
    reasons: [{ rule: key }],
  })
  expect(module.evaluate(rowInput({ who: 'bob@example.test', what: 'allow', answer: 'deny', reasons: [] })).effect).toBe('deny')
  expect(module.evaluate(rowInput({ who: 'eve@example.test', what: key, answer: 'deny', reasons: [] })).effect).toBe('deny')
})

test('G01: a name of 64 KB, a line end or a NUL is refused at its place', async () => {
  expect(await build('x'.repeat(65_536), 'k')).toMatchObject({ ok: false, error: [{ code: 'too_large' }] })
  expect(await build('a\ndefault decision := 1', 'k')).toMatchObject({ ok: false, error: [{ code: 'bad_value' }] })
  expect(await build('a', 'k\0')).toMatchObject({ ok: false, error: [{ code: 'unknown_what' }] })
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('G12: %s in a request is plain data', async (word) => {
  const artifact = await build('Bob', 'guitar-0042')
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  const module = await loadPolicyModule(artifact.value.wasm)
  for (const row of [{ what: word }, { may: word }, { who: word }, { type: word, what: word }, { tags: [word], what: word }, { sub: word, may: word }]) {
    expect(module.evaluate(rowInput({ who: 'bob@example.test', ...row, answer: 'deny', reasons: [] }))).toMatchObject({
      effect: 'deny',
      reasons: [{ code: 'no_share_for_this' }],
    })
  }
  expect(({} as Record<string, unknown>)['shares']).toBeUndefined()
})

test('G12: an input whose own key is __proto__ is judged by its own fields', async () => {
  const artifact = await build('Bob', 'guitar-0042')
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  const module = await loadPolicyModule(artifact.value.wasm)
  const input = JSON.parse(`{"__proto__": ${JSON.stringify(rowInput({ who: 'bob@example.test', answer: 'allow', reasons: [] }))}}`)
  expect(() => module.evaluate(input)).toThrow('input.now')
})

/** The module without what owners wrote: strings and comments. */
function skeleton(rego: string): string {
  return rego.replace(/^#.*$/gm, '#').replace(/"(?:[^"\\]|\\.)*"/g, '""')
}
