// The compiled policy and a plain reading of the same rules give the same decision, for documents and requests made at random.
import fc from 'fast-check'
import { afterAll, expect, test, vi } from 'vitest'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { propertyRuns } from '../../support/runs.ts'
import { rowInput } from './cases.ts'
import { readPlainly } from './plain-reading.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

// Few names, so that documents and requests meet.
const EMAILS = ['ann@example.test', 'ben@example.test', 'cat@example.test', 'Dan@Example.test']
const GROUPS = ['band', 'crew']
const NAMES = ['guitar', 'amp', 'everything-else']
const SCOPES = ['play', 'read', 'tune']
const ZONES = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'UTC']
const PATHS = ['$.a', '$.b.c', '$.list[*].d']

const clock = fc.integer({ min: 0, max: 1439 }).map((minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const what = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom(...NAMES.map((name) => `type:${name}`)),
  fc.constantFrom(...NAMES.map((name) => `tag:${name}`)),
  fc.constant('everything'),
)
const only = fc.record(
  {
    days: some(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'mon-fri', 'sat-mon']),
    between: fc
      .tuple(clock, clock)
      .filter(([start, end]) => start !== end)
      .map((hours) => hours.join('-')),
    from: some(['192.0.2.0/24', '192.0.2.128/25', '198.51.100.7', '0.0.0.0/0']),
    except: some(['2026-10-25', '2026-03-28 to 2026-03-29', 'holidays']),
    dates: some(['2026-01-01 to 2026-06-30', '2026-10-24', 'holidays']),
    purpose: some(['rehearsal', 'sale']),
    attributes: fc.constantFrom({ mode: 'party' }, { battery: { at_least: 20 } }, { mode: ['party', 'studio'], battery: { at_most: 50 } }),
    timezone: fc.constantFrom(...ZONES),
  },
  { requiredKeys: ['timezone'] },
)
const share = fc.record(
  {
    name: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((name) => !/\p{Cc}/u.test(name)),
    who: some([...EMAILS, ...GROUPS, 'anyone-signed-in']),
    what: fc.uniqueArray(what, { minLength: 1, maxLength: 3 }),
    may: some([...SCOPES, 'everything']),
    only,
    until: fc.constantFrom('done', '2026-10-25', '2026-03-29', '2026-10-25T00:30:00Z', '2026-12-31T23:00:00-05:00'),
    hide: some(PATHS),
    ask: fc.constantFrom(true, false, 'once', 'each time'),
  },
  { requiredKeys: ['name', 'who', 'what', 'may'] },
)
const document = fc.record({
  version: fc.constant(1),
  timezone: fc.constantFrom(...ZONES),
  people: fc.record({ band: some(EMAILS), crew: some(EMAILS) }),
  shares: fc.array(share, { minLength: 2, maxLength: 6 }),
  calendars: fc.record({ holidays: some(['2026-10-26', '2026-12-24 to 2026-12-26']) }),
  block: fc.array(
    fc.record(
      {
        name: fc.constant('No'),
        who: some([...EMAILS, ...GROUPS]),
        what: fc.uniqueArray(what, { minLength: 1, maxLength: 2 }),
        may: some([...SCOPES, 'everything']),
        only,
      },
      { requiredKeys: ['who'] },
    ),
    { maxLength: 2 },
  ),
})
// Two nights in which clocks move, and any time of the year.
const instant = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 9, 24), max: Date.UTC(2026, 9, 27) }),
  fc.integer({ min: Date.UTC(2026, 2, 28), max: Date.UTC(2026, 2, 30) }),
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
)
const request = fc.record(
  {
    who: fc.constantFrom(...EMAILS, 'BEN@EXAMPLE.TEST', 'zed@example.test'),
    unverified: fc.constant(true as const),
    sub: fc.constantFrom('', 'somebody'),
    what: fc.constantFrom(...NAMES),
    type: fc.constantFrom(...NAMES),
    tags: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
    may: fc.constantFrom(...SCOPES, 'other'),
    now: instant.map((at) => new Date(at).toISOString()),
    purpose: fc.constantFrom('rehearsal', 'other'),
    attributes: fc.constantFrom({}, { mode: 'party' }, { mode: 'studio', battery: 20 }, { battery: 'full' }, { battery: 51, mode: 7 }),
    ip: fc.constantFrom('192.0.2.1', '192.0.2.200', '198.51.100.7', '203.0.113.1', null),
  },
  { requiredKeys: ['now'] },
)

/** JSON is YAML; each share stands on a line of its own, so that lines tell them apart. */
function toText(policy: { readonly shares: readonly unknown[]; readonly block: readonly unknown[] }): string {
  return JSON.stringify(policy, null, 1)
}

test('WASM decides as a plain reading does', { timeout: 300_000 }, async () => {
  const seen = { allow: 0, ask: 0, deny: 0 }
  await fc.assert(
    fc.asyncProperty(document, fc.array(request, { minLength: 10, maxLength: 20 }), async (policy, requests) => {
      const artifact = await buildArtifact({ text: toText(policy), file: 'p.yaml', now: 0, compiler })
      if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
      const module = await loadPolicyModule(artifact.value.wasm)
      for (const row of requests) {
        const input = rowInput({ ...row, answer: 'deny', reasons: [] })
        const decision = module.evaluate(input)
        expect(decision).toEqual(readPlainly(artifact.value.ruleSet, input))
        seen[decision.effect] += 1
      }
    }),
    { numRuns: propertyRuns(0.1) },
  )
  // Agreement on nothing but refusals would show little.
  expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(0)
})

test('a document with one character changed is refused, or means what its words now say', { timeout: 300_000 }, async () => {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('drop', 'double', 'swap'),
    by: fc.constantFrom('"', "'", '{', '}', '[', ']', ',', ':', '-', '#', '*', '&', '!', '\n', ' ', '\t', 'x', '0', '@'),
  })
  await fc.assert(
    fc.asyncProperty(document, change, request, async (policy, { at, kind, by }, row) => {
      const text = toText(policy)
      const place = at % text.length
      const changed = `${text.slice(0, place)}${kind === 'drop' ? '' : kind === 'double' ? `${text[place]}${text[place]}` : by}${text.slice(place + 1)}`
      const ruleSet = parsePolicy({ text: changed, file: 'p.yaml' })
      if (!ruleSet.ok) {
        expect(ruleSet.error.length).toBeGreaterThan(0)
        return
      }
      const artifact = await buildArtifact({ text: changed, file: 'p.yaml', now: 0, compiler })
      if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
      const module = await loadPolicyModule(artifact.value.wasm)
      const input = rowInput({ ...row, answer: 'deny', reasons: [] })
      expect(module.evaluate(input)).toEqual(readPlainly(ruleSet.value, input))
    }),
    { numRuns: propertyRuns(0.2) },
  )
})

test('any text at all is read or refused, without a fault', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...'[]{}:,-"\'#&*!|>%@`\n \tab01<?'), maxLength: 300 }),
  )
  fc.assert(
    fc.property(text, (any) => {
      const read = parsePolicy({ text: any, file: 'p.yaml' })
      for (const { line, column } of read.ok ? [] : read.error) expect(line > 0 && column > 0).toBe(true)
    }),
    { numRuns: propertyRuns() },
  )
})
