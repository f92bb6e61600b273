// Guardrails: what a file says, what its module decides, and that both are the same by a plain reading of the conditions.
import { afterAll, describe, expect, test, vi } from 'vitest'
import { buildGuardrails } from '../../../policies/guardrails/build-guardrails.ts'
import { loadGuardrails } from '../../../policies/guardrails/load-guardrails.ts'
import { parseGuardrails } from '../../../policies/guardrails/parse-guardrails.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowDecision, rowInput } from './cases.ts'
import { readGuardrailsPlainly } from './plain-guardrails.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const now = Date.parse('2026-11-23T10:00:00Z')
const file = 'guardrails.yaml'

async function build(text: string) {
  const built = await buildGuardrails({ text, file, now, compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  return { module: await loadGuardrails(built.value.wasm), ...built.value }
}

const EVERYTHING_IN_ONE = `version: 1
defaults: { timezone: Europe/Paris }
people:
  band: [bob@example.test, "device:D-17", "client:tuner"]
things:
  the studio: ["tag:studio", amp-1]
places:
  home: [192.0.2.0/24]
guardrails:
  - name: Only from home
    what: [the studio]
    may: [play, record]
    require: { place: home, proof: [dpop, httpsig] }
  - name: Not the band, not at night
    who: [band, "domain:band.example"]
    what: [everything]
    may: [everything]
    require: { between: "08:00-22:00" }
  - name: No firmware before Christmas
    what: ["type:smart-guitar"]
    may: [update]
    from: 2026-12-01
    until: 2026-12-24
  - name: Nobody
    who: [mallory@example.test]
    what: [everything]
    may: [everything]
expect:
  - { who: anyone-signed-in, may: play, what: "tag:studio", from: 192.0.2.7, proof: dpop, answer: allow }
  - { who: anyone-signed-in, may: play, what: "tag:studio", from: 198.51.100.1, proof: dpop, answer: deny, because: not_at_this_place }
`

const PASSED = { answer: 'allow', reasons: ['no_guardrail'] } as const

const ROWS = [
  { ...PASSED },
  { ip: '198.51.100.1', answer: 'deny', reasons: ['guardrail 10 Only from home', 'not_at_this_place 10 Only from home'] },
  {
    ip: null,
    proof: null,
    answer: 'deny',
    reasons: ['guardrail 10 Only from home', 'not_at_this_place 10 Only from home', 'proof_too_weak 10 Only from home'],
  },
  { ip: '198.51.100.1', may: 'read', ...PASSED },
  { ip: '198.51.100.1', tags: [], ...PASSED },
  { ip: '198.51.100.1', tags: [], what: 'amp-1', answer: 'deny', reasons: ['guardrail 10 Only from home', 'not_at_this_place 10 Only from home'] },
  {
    who: 'BOB@example.test',
    unverified: true,
    now: '2026-11-23T21:00:00.000Z',
    answer: 'deny',
    reasons: ['guardrail 14 Not the band, not at night', 'not_these_hours 14 Not the band, not at night'],
  },
  { who: 'bob@example.test', now: '2026-11-23T20:59:59.999Z', ...PASSED },
  {
    who: 'x@band.example',
    now: '2026-11-23T06:59:59.999Z',
    answer: 'deny',
    reasons: ['guardrail 14 Not the band, not at night', 'not_these_hours 14 Not the band, not at night'],
  },
  { who: 'x@band.example', now: '2026-11-23T07:00:00.000Z', ...PASSED },
  { who: 'x@sub.band.example', now: '2026-11-23T03:00:00.000Z', ...PASSED },
  {
    device: 'D-17',
    now: '2026-11-23T03:00:00.000Z',
    answer: 'deny',
    reasons: ['guardrail 14 Not the band, not at night', 'not_these_hours 14 Not the band, not at night'],
  },
  {
    client: 'tuner',
    now: '2026-11-23T03:00:00.000Z',
    answer: 'deny',
    reasons: ['guardrail 14 Not the band, not at night', 'not_these_hours 14 Not the band, not at night'],
  },
  { may: 'update', now: '2026-11-30T22:59:59.999Z', ...PASSED },
  { may: 'update', now: '2026-11-30T23:00:00.000Z', answer: 'deny', reasons: ['guardrail 19 No firmware before Christmas'] },
  { may: 'update', now: '2026-12-24T22:59:59.999Z', answer: 'deny', reasons: ['guardrail 19 No firmware before Christmas'] },
  { may: 'update', now: '2026-12-24T23:00:00.000Z', ...PASSED },
  { may: 'update', type: 'amp', now: '2026-12-02T00:00:00.000Z', ...PASSED },
  {
    who: 'mallory@example.test',
    ip: null,
    answer: 'deny',
    reasons: ['guardrail 10 Only from home', 'not_at_this_place 10 Only from home', 'guardrail 24 Nobody'],
  },
  { who: 'mallory@example.test', unverified: true, may: 'read', answer: 'deny', reasons: ['guardrail 24 Nobody'] },
] as const

test('each guardrail denies what it fits unless all it requires holds, with its name, its line and what missed', async () => {
  const { module, guardrailSet } = await build(EVERYTHING_IN_ONE)
  for (const row of ROWS) {
    expect({ row, decision: module.evaluate(rowInput(row)) }).toEqual({ row, decision: rowDecision(row) })
    expect({ row, decision: readGuardrailsPlainly(guardrailSet, rowInput(row)) }).toEqual({ row, decision: rowDecision(row) })
  }
})

test('the same text gives the same Rego and the same module, and every name is a comment or a literal', async () => {
  const [one, two] = [await build(EVERYTHING_IN_ONE), await build(EVERYTHING_IN_ONE)]
  expect(two.rego).toBe(one.rego)
  expect(two.digest).toBe(one.digest)
  expect(one.rego).toContain("# Made from an operator's guardrails.")
  expect(one.rego).toContain('# line 10: Only from home\n')
})

/** One guardrail for each condition; a request of which nothing is known meets none of them. */
const REQUIREMENTS: readonly (readonly [requirement: string, fits: object, misses: object, code: string])[] = [
  ['days: [mon], timezone: UTC', {}, { now: '2026-11-24T00:00:00.000Z' }, 'not_these_days'],
  ['between: "10:00-11:00", timezone: UTC', {}, { now: '2026-11-23T11:00:00.000Z' }, 'not_these_hours'],
  ['from: ["2001:db8::/32"]', { ip: '2001:db8::1' }, { ip: null }, 'not_from_this_network'],
  ['place: home', {}, { ip: 'nonsense' }, 'not_at_this_place'],
  ['purpose: [repair]', { purpose: 'repair' }, {}, 'not_for_this_purpose'],
  ['client: app', {}, { client: 'other' }, 'not_with_this_app'],
  ['proof: httpsig', { proof: 'httpsig' }, { proof: null }, 'proof_too_weak'],
  ['acr: phr', { acr: 'phr' }, {}, 'sign_in_too_weak'],
  ['state: active', { state: 'active' }, {}, 'not_in_this_state'],
  ['attributes: { battery: { at_least: 20 } }', { attributes: { battery: 20 } }, { attributes: { battery: 'full' } }, 'not_with_these_attributes'],
]

test.each(REQUIREMENTS)('require: { %s } lets pass what meets it, and denies what does not or does not say', async (requirement, fits, misses, code) => {
  const { module } = await build(
    `version: 1\nplaces: { home: [192.0.2.0/24] }\nguardrails:\n  - { name: G, what: [everything], may: [everything], require: { ${requirement} } }\n`,
  )
  expect(module.evaluate(rowInput({ ...fits, ...PASSED }))).toEqual(rowDecision(PASSED))
  expect(module.evaluate(rowInput({ ...misses, ...PASSED }))).toEqual(rowDecision({ answer: 'deny', reasons: ['guardrail 4 G', `${code} 4 G`] }))
})

test.each([
  {
    title: 'shares',
    text: 'version: 1\nguardrails:\n  - { name: G, what: [everything], may: [play] }\nshares: []\n',
    found: ['4:1 unknown_key This is a file of guardrails'],
  },
  {
    title: 'block and pause',
    text: 'version: 1\nguardrails:\n  - { name: G, what: [everything], may: [play] }\nblock: []\npause: []\n',
    found: ['4:1 unknown_key This is', '5:1 unknown_key This is'],
  },
  { title: 'nothing', text: '', found: ['1:1 missing_key The file is empty'] },
  { title: 'no guardrails', text: 'version: 1\n', found: ['1:1 missing_key "guardrails" is missing'] },
  { title: 'an empty list', text: 'version: 1\nguardrails: []\n', found: ['2:13 bad_value This is empty'] },
  { title: 'no what', text: 'version: 1\nguardrails:\n  - { name: G, may: [play] }\n', found: ['3:5 missing_key "what" is missing'] },
  {
    title: 'only instead of require',
    text: 'version: 1\nguardrails:\n  - { name: G, what: [x], may: [play], only: { proof: dpop } }\n',
    found: ['3:40 unknown_key Unknown key "only".'],
  },
  {
    title: 'an obligation',
    text: 'version: 1\nguardrails:\n  - { name: G, what: [x], may: [play], hide: [$.a] }\n',
    found: ['3:40 unknown_key Unknown key "hide".'],
  },
  {
    title: 'requirements that require nothing',
    text: 'version: 1\nguardrails:\n  - { name: G, what: [x], may: [play], require: { timezone: UTC } }\n',
    found: ['3:49 bad_value "require" is empty'],
  },
  {
    title: 'a link',
    text: 'version: 1\nguardrails:\n  - { name: G, who: [anyone-with-link], what: [x], may: [play] }\n',
    found: ['3:22 unknown_who Only shares have links'],
  },
  {
    title: 'an answer that guardrails do not give',
    text: 'version: 1\nguardrails:\n  - { name: G, what: [x], may: [play] }\nexpect:\n  - { who: anyone-signed-in, may: play, what: x, answer: ask }\n',
    found: ['5:58 bad_value This must be allow'],
  },
  {
    title: 'a day without a zone',
    text: 'version: 1\nguardrails:\n  - { name: G, what: [x], may: [play], until: 2026-12-31 }\n',
    found: ['3:47 timezone_missing "until" needs a time zone'],
  },
  {
    title: 'an unknown zone',
    text: 'version: 1\ndefaults: { timezone: Europe/Pari }\nguardrails:\n  - { name: G, what: [x], may: [play] }\n',
    found: ['2:23 unknown_timezone'],
  },
  {
    title: 'an unknown person',
    text: 'version: 1\nguardrails:\n  - { name: G, who: [bandd], what: [x], may: [play] }\n',
    found: ['3:22 unknown_who "bandd" is not a name'],
  },
])('a file with $title is refused at its place', ({ text, found }) => {
  const parsed = parseGuardrails({ text, file })
  const diagnostics = parsed.ok ? [] : parsed.error.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`)
  expect(diagnostics.map((one, index) => (one.startsWith(found[index] ?? one) ? found[index] : one))).toEqual(found)
})

test('a sharing policy with guardrails in it says where they belong', () => {
  expect(parsePolicy({ text: 'version: 1\nshares: []\nguardrails: []\n', file })).toMatchObject({
    ok: false,
    error: [{ line: 3, column: 1, code: 'unknown_key', message: expect.stringContaining('a separate file') }],
  })
})

test('an expectation that is answered otherwise stops the build at its place', async () => {
  const text =
    'version: 1\nguardrails:\n  - { name: G, what: [everything], may: [play] }\nexpect:\n  - { who: anyone-signed-in, may: play, what: x, answer: allow }\n'
  expect(await buildGuardrails({ text, file, now, compiler })).toMatchObject({
    ok: false,
    error: [{ file, line: 5, column: 5, code: 'expectation_failed', message: 'Expected allow, but the decision is deny (guardrail at line 3).' }],
  })
})

describe('what a module of guardrails must not answer', () => {
  test.each([
    { title: 'asks the owner', answer: '{"effect": "ask", "reasons": [{"code": "guardrail"}], "obligations": []}' },
    {
      title: 'allows under an obligation',
      answer: '{"effect": "allow", "reasons": [{"code": "no_guardrail"}], "obligations": [{"kind": "notify", "rule": "x"}]}',
    },
    { title: 'answers as a sharing policy does', answer: '{"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []}' },
    { title: 'is no decision', answer: '"allow"' },
  ])('a module that $title is not used', async ({ answer }) => {
    const wasm = await compiler.compile(`package latchkey.sharing\ndecision := ${answer}\n`)
    const swapped = { compile: async () => wasm, close: async () => undefined }
    expect(await buildGuardrails({ text: EVERYTHING_IN_ONE, file, now, compiler: swapped })).toMatchObject({ ok: false, error: [{ code: 'probe_failed' }] })
  })
})
