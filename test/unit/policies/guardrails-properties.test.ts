// Compiled guardrails and a plain reading of them give the same decision, for documents and requests made at random.
import fc from 'fast-check'
import { afterAll, expect, test, vi } from 'vitest'
import { buildGuardrails } from '../../../policies/guardrails/build-guardrails.ts'
import { loadGuardrails } from '../../../policies/guardrails/load-guardrails.ts'
import { parseGuardrails } from '../../../policies/guardrails/parse-guardrails.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { propertyRuns } from '../../support/runs.ts'
import { rowInput } from './cases.ts'
import { readGuardrailsPlainly } from './plain-guardrails.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

// Few names, so that documents and requests meet.
const EMAILS = ['ann@example.test', 'ben@example.test', 'Dan@Example.test']
const WORDS = ['guitar', 'amp', 'play']
const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })

const who = some([...EMAILS, 'band', 'domain:example.test', 'client:guitar', 'service:amp', 'device:amp', 'anyone-signed-in'])
const what = some([...WORDS, 'type:guitar', 'tag:amp', 'device:play', 'stage', 'everything'])
const requirements = fc.record(
  {
    days: some(['mon', 'tue', 'sat-mon']),
    between: fc.constantFrom('08:00-22:00', '22:00-06:00'),
    place: fc.constantFrom('home'),
    purpose: some(WORDS),
    proof: some(['dpop', 'httpsig']),
    state: some(WORDS),
    attributes: fc.constantFrom<object>(
      { mode: 'party' },
      { battery: { at_least: 20 } },
      { battery: { at_most: 80 } },
      { battery: { at_least: 20, at_most: 80 }, mode: ['party', true] },
    ),
  },
  { requiredKeys: [] },
)
const guardrail = fc.record(
  {
    name: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((name) => !/\p{Cc}/u.test(name)),
    who,
    what,
    may: some([...WORDS, 'everything']),
    require: requirements.filter((one) => Object.keys(one).length > 0),
    from: fc.constantFrom('2026-10-25', '2026-06-01T00:00:00Z'),
    until: fc.constantFrom('2026-10-25', '2026-12-01T00:00:00Z'),
  },
  { requiredKeys: ['name', 'what', 'may'] },
)
const document = fc.record({
  version: fc.constant(1),
  defaults: fc.record({ timezone: fc.constantFrom('Europe/Paris', 'Australia/Lord_Howe', 'UTC') }),
  people: fc.constant({ band: ['ben@example.test', 'device:guitar', { issuer: 'https://as.example.test', subject: 'amp' }] }),
  things: fc.constant({ stage: ['type:amp', 'play'] }),
  places: fc.constant({ home: ['192.0.2.0/24', '2001:db8::/32'] }),
  guardrails: fc.array(guardrail, { minLength: 1, maxLength: 5 }),
})
const word = fc.constantFrom(...WORDS)
const request = fc.record(
  {
    who: fc.constantFrom(...EMAILS, 'BEN@EXAMPLE.TEST', 'zed@other.test'),
    unverified: fc.constant(true as const),
    sub: fc.constantFrom('', 'somebody', 'amp'),
    client: word,
    device: word,
    what: word,
    type: word,
    tags: fc.uniqueArray(word, { maxLength: 3 }),
    of_device: word,
    may: fc.constantFrom(...WORDS, 'other'),
    now: fc.integer({ min: Date.UTC(2026, 4, 1), max: Date.UTC(2026, 11, 31) }).map((at) => new Date(at).toISOString()),
    ip: fc.constantFrom('192.0.2.1', '198.51.100.7', '2001:db8::7', '::ffff:192.0.2.9', null),
    purpose: word,
    proof: fc.constantFrom('dpop' as const, 'mtls' as const, null),
    state: word,
    attributes: fc.record({ mode: fc.constantFrom('party', true, 1), battery: fc.constantFrom(19, 20, 80, 81, 'full') }, { requiredKeys: [] }),
  },
  { requiredKeys: ['now'] },
)

test('WASM decides as a plain reading does', async () => {
  const seen = { allow: 0, deny: 0, ask: 0 }
  await fc.assert(
    fc.asyncProperty(document, fc.array(request, { minLength: 20, maxLength: 40 }), async (guardrails, requests) => {
      const built = await buildGuardrails({ text: JSON.stringify(guardrails, null, 1), file: 'g.yaml', now: 0, compiler })
      if (!built.ok) throw new Error(JSON.stringify(built.error))
      const module = await loadGuardrails(built.value.wasm)
      for (const row of requests) {
        const input = rowInput({ ...row, answer: 'deny', reasons: [] })
        const decision = module.evaluate(input)
        expect(decision).toEqual(readGuardrailsPlainly(built.value.guardrailSet, input))
        seen[decision.effect] += 1
      }
    }),
    { numRuns: 100, endOnFailure: true },
  )
  // Agreement on nothing but denials would show little.
  expect(Math.min(seen.allow, seen.deny)).toBeGreaterThan(100)
  expect(seen.ask).toBe(0)
})

test('any text at all is read or refused, without a fault', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...'[]{}:,-"\'#&*!|>%@`\n \tab01<?'), maxLength: 300 }).map((rest) => `version: 1\nguardrails: ${rest}`),
    document.chain((one) => fc.nat({ max: 200 }).map((at) => JSON.stringify(one).slice(0, -at))),
  )
  fc.assert(
    fc.property(text, (any) => {
      const read = parseGuardrails({ text: any, file: 'g.yaml' })
      for (const { line, column } of read.ok ? [] : read.error) expect(line > 0 && column > 0).toBe(true)
    }),
    { numRuns: propertyRuns() },
  )
})
