// Operators' names that try to become code, hostile YAML, and keys of the object prototype, in guardrails (G01, G12).
import { afterAll, expect, test, vi } from 'vitest'
import { buildGuardrails } from '../../../policies/guardrails/build-guardrails.ts'
import { loadGuardrails } from '../../../policies/guardrails/load-guardrails.ts'
import { parseGuardrails } from '../../../policies/guardrails/parse-guardrails.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowInput } from '../../unit/policies/cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const file = 'guardrails.yaml'

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
  'a\u2029b\u202ed\u2066e',
  'fitting',
  'data.latchkey.sharing.denying',
  'count(denying) == 0',
  'x'.repeat(200),
  '__proto__',
  'constructor',
  'toString',
]

function document(name: string): string {
  const people = { people: { team: [{ issuer: name, subject: name }, `client:${name}`, `device:${name}`] } }
  const guardrail = { name, who: ['team'], what: [`thing:${name}`, `tag:${name}`], may: ['play'], require: { purpose: [name.slice(0, 64)], client: name } }
  return JSON.stringify({ version: 1, ...people, guardrails: [guardrail] })
}

async function build(name: string) {
  const built = await buildGuardrails({ text: document(name), file, now: 0, compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  return built.value
}

test.each(HOSTILE.map((name) => ({ name })))('G01: $name stays a name', async ({ name }) => {
  const [hostile, plain] = [await build(name), await build('plain')]
  // Literals and comments aside, the two are the same Rego.
  expect(skeleton(hostile.rego)).toBe(skeleton(plain.rego))
  const module = await loadGuardrails(hostile.wasm)
  const row = { answer: 'deny', reasons: [] } as const
  expect(module.evaluate(rowInput({ ...row, what: name, device: name }))).toMatchObject({
    effect: 'deny',
    reasons: [{ code: 'guardrail', rule: name }, {}, {}],
  })
  expect(module.evaluate(rowInput({ ...row, what: name, sub: name, issuer: name })).effect).toBe('deny')
  expect(module.evaluate(rowInput({ ...row, tags: [name], client: name })).effect).toBe('deny')
  expect(module.evaluate(rowInput({ ...row, tags: [name], client: name, purpose: name.slice(0, 64) })).effect).toBe('allow')
  expect(module.evaluate(rowInput({ ...row, what: name, sub: name })).effect).toBe('allow')
  expect(module.evaluate(rowInput({ ...row, what: 'other', device: name })).effect).toBe('allow')
})

test.each([
  { title: 'a name of 64 KB', text: document('x'.repeat(65_536)), code: 'too_large' },
  { title: 'a name with a line end', text: document('a\ndefault decision := 1'), code: 'bad_value' },
  { title: 'a key __proto__', text: 'version: 1\n__proto__: { guardrails: [] }\nguardrails: [{ name: G, what: [x], may: [y] }]\n', code: 'unknown_key' },
  {
    title: 'a key constructor in require',
    text: 'version: 1\nguardrails: [{ name: G, what: [x], may: [y], require: { constructor: 1 } }]\n',
    code: 'unknown_key',
  },
  { title: 'an anchor', text: 'version: 1\nguardrails: &a [{ name: G, what: [x], may: [y] }]\n', code: 'yaml_not_plain' },
  {
    title: 'a key twice',
    text: 'version: 1\nguardrails: [{ name: G, what: [x], may: [y] }]\nguardrails: [{ name: H, what: [x], may: [y] }]\n',
    code: 'duplicate_key',
  },
  { title: 'more than 256 KiB', text: `version: 1\n# ${'x'.repeat(262_144)}\n`, code: 'too_large' },
  { title: '10,000 lists in each other', text: `version: 1\nguardrails: ${'['.repeat(10_000)}`, code: 'yaml_too_deep' },
  {
    title: '201 guardrails',
    text: JSON.stringify({ version: 1, guardrails: Array.from({ length: 201 }, () => ({ name: 'G', what: ['x'], may: ['y'] })) }),
    code: 'too_large',
  },
])('G01: $title is refused', ({ text, code }) => {
  const parsed = parseGuardrails({ text, file })
  expect(parsed.ok ? [] : parsed.error.map((one) => one.code)).toContain(code)
})

test('200 guardrails, as many as there may be, are taken and all of them hold', async () => {
  const guardrails = Array.from({ length: 200 }, (_, index) => ({ name: `G${index}`, what: [`thing-${index}`], may: ['play'] }))
  const built = await buildGuardrails({ text: JSON.stringify({ version: 1, guardrails }), file, now: 0, compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  const module = await loadGuardrails(built.value.wasm)
  const decisions = guardrails.map((_, index) => module.evaluate(rowInput({ what: `thing-${index}`, answer: 'deny', reasons: [] })))
  expect(decisions.map(({ reasons }) => reasons[0]?.rule)).toEqual(guardrails.map(({ name }) => name))
})

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('G12: %s in a request is plain data', async (word) => {
  const { wasm } = await build('guitar-0042')
  const module = await loadGuardrails(wasm)
  for (const row of [{ what: word }, { may: word }, { type: word }, { tags: [word] }, { sub: word, issuer: word }, { purpose: word, device: word }]) {
    const decision = module.evaluate(rowInput({ what: 'other', ...row, answer: 'allow', reasons: [] }))
    expect(decision).toMatchObject({ effect: 'allow', reasons: [{ code: 'no_guardrail' }] })
  }
})

/** The module without what operators wrote: strings and comments. */
function skeleton(rego: string): string {
  return rego.replace(/^#.*$/gm, '#').replace(/"(?:[^"\\]|\\.)*"/g, '""')
}
