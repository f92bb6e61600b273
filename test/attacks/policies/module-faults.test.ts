// Modules that answer what is no decision, and policies that are not there (G03, U09): each is a fault or a denial, never an allowance.
import { afterAll, describe, expect, test, vi } from 'vitest'
import { checkResult } from '../../../policies/runtime/check-result.ts'
import { PolicyFault } from '../../../policies/runtime/policy-fault.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowInput } from '../../unit/policies/cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const input = rowInput({ who: 'bob@example.test', answer: 'deny', reasons: [] })
const allow = { effect: 'allow', reasons: [{ code: 'share_allows', rule: 'A', line: 1 }], obligations: [] }

async function load(body: string) {
  const wasm = await compiler.compile(`package latchkey.sharing\n${body}\n`)
  if (!wasm.ok) throw new Error(JSON.stringify(wasm.error))
  return loadPolicyModule(wasm.value)
}

test.each([
  { title: 'undefined', body: 'decision := 1 if input.scope == "never"' },
  { title: 'true', body: 'decision := true' },
  { title: 'the word true', body: 'decision := "true"' },
  { title: 'one', body: 'decision := 1' },
  { title: 'null', body: 'decision := null' },
  { title: 'an empty object', body: 'decision := {}' },
  { title: 'a list', body: 'decision := ["allow"]' },
  { title: 'a decision without reasons', body: 'decision := {"effect": "allow", "reasons": [], "obligations": []}' },
  { title: 'an unknown effect', body: 'decision := {"effect": "permit", "reasons": [{"code": "share_allows"}], "obligations": []}' },
  { title: 'an effect that is a list', body: 'decision := {"effect": ["allow"], "reasons": [{"code": "share_allows"}], "obligations": []}' },
  { title: 'an unknown reason', body: 'decision := {"effect": "allow", "reasons": [{"code": "because"}], "obligations": []}' },
  { title: 'an unknown obligation', body: 'decision := {"effect": "allow", "reasons": [{"code": "share_allows"}], "obligations": [{"kind": "log"}]}' },
  { title: 'an unknown member', body: 'decision := {"effect": "allow", "reasons": [{"code": "share_allows"}], "obligations": [], "extra": 1}' },
  { title: 'two values at once', body: 'decision := "a" if input.scope == "play"\ndecision := "b" if input.scope == "play"' },
])('G03: $title is a fault, and again the next time', async ({ body }) => {
  const module = await load(body)
  expect(() => module.evaluate(input)).toThrow(PolicyFault)
  expect(() => module.evaluate(input)).toThrow(PolicyFault)
})

test.each([
  { title: 'no result', results: [] },
  { title: 'two results', results: [{ result: allow }, { result: allow }] },
  { title: 'no list', results: { result: allow } },
  { title: 'null', results: null },
  { title: 'a bare decision', results: [allow] },
  { title: 'a reason with a line of zero', results: [{ result: { ...allow, reasons: [{ code: 'share_allows', line: 0 }] } }] },
  { title: 'a rule that is no text', results: [{ result: { ...allow, reasons: [{ code: 'share_allows', rule: 1 }] } }] },
  { title: 'an obligation to hide nothing', results: [{ result: { ...allow, obligations: [{ kind: 'hide', paths: [] }] } }] },
  { title: 'an obligation to hide numbers', results: [{ result: { ...allow, obligations: [{ kind: 'hide', paths: [1] }] } }] },
  { title: 'an inherited decision', results: [Object.create({ result: allow })] },
])('G03: a result set with $title is a fault', ({ results }) => {
  expect(() => checkResult(results)).toThrow(PolicyFault)
})

test('G03: bytes that are no module, and modules without the decision or with other needs, are not loaded', async () => {
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  for (const bytes of [new Uint8Array(), new Uint8Array([1, 2, 3]), empty]) await expect(loadPolicyModule(bytes)).rejects.toThrow(PolicyFault)
  const wasm = await compiler.compile('package latchkey.sharing\ndecision := 1\n')
  if (!wasm.ok) throw new Error('refused')
  // The same module under another name for its entrypoint, and one that asks its host for something unknown.
  await expect(loadPolicyModule(patched(wasm.value, 'latchkey/sharing/decision', 'latchkey/sharing/decisiom'))).rejects.toThrow('no decision entry point')
  const timed = await compiler.compile('package latchkey.sharing\ndecision := time.clock(1)\n')
  if (!timed.ok) throw new Error('refused')
  await expect(loadPolicyModule(patched(timed.value, 'time.clock', 'time.cloch'))).rejects.toThrow('not available: time.cloch')
})

test('G03: a builtin that throws is a fault, not an undefined condition, and the next question is answered', async () => {
  const module = await load(`decision := {"effect": "allow", "reasons": [{"code": "share_allows"}], "obligations": []} if not late
decision := {"effect": "deny", "reasons": [{"code": "expired"}], "obligations": []} if late
late if input.scope == "late"
late if { input.scope == "broken"; time.clock([1, "No/Where"]) }`)
  const ask = (may: string) => module.evaluate(rowInput({ may, answer: 'deny', reasons: [] }))
  expect(ask('play').effect).toBe('allow')
  expect(() => ask('broken')).toThrow('time zone')
  expect(ask('late').effect).toBe('deny')
})

describe('U09: where a rule says nothing, nothing is allowed', () => {
  test.each([
    { title: 'no document', text: '' },
    { title: 'no shares', text: 'version: 1\n' },
    { title: 'an empty list of shares', text: 'version: 1\nshares: []\n' },
    {
      title: 'a condition on a fact that is absent',
      text: 'version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [everything], may: [everything], only: { from: [0.0.0.0/0, "::/0"] } }\n',
    },
  ])('$title', async ({ text }) => {
    const artifact = await buildArtifact({ text, file: 'p.yaml', now: 0, compiler })
    if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
    const module = await loadPolicyModule(artifact.value.wasm)
    expect(module.evaluate(rowInput({ who: 'bob@example.test', ip: null, answer: 'deny', reasons: [] })).effect).toBe('deny')
  })

  test.each(['only: {}', 'who: []', 'may: []', 'what: []', 'only: ', 'until: ', 'who: ', 'only: { days: [] }', 'only: { from: [] }'])(
    'a share with "%s" is refused',
    async (line) => {
      const key = line.slice(0, line.indexOf(':'))
      const rows = { name: 'name: A', who: 'who: [anyone-signed-in]', what: 'what: [everything]', may: 'may: [everything]', [key]: line }
      const text = `version: 1\nshares:\n  - ${Object.values(rows).join('\n    ')}\n`
      expect((await buildArtifact({ text, file: 'p.yaml', now: 0, compiler })).ok).toBe(false)
    },
  )

  test.each(['now', 'request', 'resource', 'scope', 'party'])('an input without %s is a fault', async (name) => {
    const module = await load('decision := {"effect": "allow", "reasons": [{"code": "share_allows"}], "obligations": []}')
    expect(() => module.evaluate({ ...input, [name]: undefined } as unknown as typeof input)).toThrow(PolicyFault)
  })
})

test('F08: a field that is a list where one value belongs is a fault', async () => {
  const module = await load('decision := {"effect": "allow", "reasons": [{"code": "share_allows"}], "obligations": []}')
  const lists = [
    { ...input, scope: ['play', 'read'] },
    { ...input, party: { ...input.party, email: ['bob@example.test', 'eve@example.test'] } },
    { ...input, party: { ...input.party, email_verified: 'true' } },
    { ...input, request: { ...input.request, ip: ['192.0.2.1'] } },
  ]
  for (const list of lists) expect(() => module.evaluate(list as unknown as typeof input)).toThrow(PolicyFault)
})

test.each([
  '2026-11-23T10:00:00Z',
  '2026-11-23T10:00:00.000+00:00',
  '2026-02-30T10:00:00.000Z',
  '2026-11-23T24:00:00.000Z',
  '1999-12-31T23:59:59.999Z',
  '2200-01-01T00:00:00.000Z',
  '',
  'now',
])('F08: %s is no instant a rule can be judged at', async (now) => {
  const module = await load('decision := {"effect": "allow", "reasons": [{"code": "share_allows"}], "obligations": []}')
  expect(() => module.evaluate({ ...input, now })).toThrow('input.now')
})

test('F08: half of a surrogate pair is a fault, and a text that only looks like its escape is not', async () => {
  const module = await load('decision := {"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []}')
  for (const may of ['\ud800', 'a\\\udfff', '\udbffx']) expect(() => module.evaluate({ ...input, scope: may })).toThrow('Unicode')
  for (const may of ['\\ud800', '\\\\ud800', '\u{1f3b8}']) expect(module.evaluate({ ...input, scope: may }).effect).toBe('deny')
})

function patched(wasm: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(wasm)
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1)) copy.write(to, at, 'latin1')
  return copy
}

test.each(['2000-01-01T00:00:00.000Z', '2028-02-29T23:59:59.999Z', '2026-12-31T00:00:00.000Z', '2199-12-31T23:59:59.999Z'])('F08: %s is one', async (now) => {
  const module = await load(
    'decision := {"effect": "deny", "reasons": [{"code": "expired"}], "obligations": []} if time.clock(time.parse_rfc3339_ns(input.now))',
  )
  expect(() => module.evaluate({ ...input, now })).toThrow('operand')
  const zoned = await load(
    'decision := {"effect": "deny", "reasons": [{"code": "expired"}], "obligations": []} if time.clock([time.parse_rfc3339_ns(input.now), "UTC"])',
  )
  expect(zoned.evaluate({ ...input, now }).effect).toBe('deny')
})
