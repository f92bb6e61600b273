// Documents and requests made at random, of few names, so that they meet; with every kind of who, what, condition and obligation.
import fc from 'fast-check'
import type { Household } from '../../../../policies/analysis/universe.ts'
import type { DecisionInput } from '../../../../policies/contract/decision-input.ts'
import type { RuleSet } from '../../../../policies/model/rule-set.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'

export const NOW = Date.parse('2026-10-20T09:00:00.000Z')

const EMAILS = ['ann@example.test', 'ben@example.test', 'cat@band.test'] as const
const SCOPES = ['play', 'read'] as const
const ZONES = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe'] as const
const NETWORKS = ['192.0.2.0/24', '192.0.2.128/25', '198.51.100.7', '0.0.0.0/0'] as const

const some = <T>(values: readonly T[], maxLength = 2) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength })
const clock = fc.constantFrom('00:00', '02:30', '06:00', '08:00', '12:00', '22:00')
const hours = fc
  .tuple(clock, clock)
  .filter(([start, end]) => start !== end)
  .map((pair) => pair.join('-'))
const who = fc.constantFrom<string | { readonly issuer: string; readonly subject: string }>(
  ...EMAILS,
  'band',
  'anyone-signed-in',
  'domain:band.test',
  'client:app',
  'service:app',
  'device:d-1',
  { issuer: 'https://as.test', subject: 'ann' },
)
const what = fc.constantFrom('guitar', 'amp', 'stuff', 'type:wood', 'tag:studio', 'device:g-1', 'everything')
const only = fc.record(
  {
    timezone: fc.constantFrom(...ZONES),
    days: some(['mon', 'fri', 'sun', 'mon-fri', 'sat-mon']),
    dates: some(['2026-10-24', '2026-10-20 to 2026-11-05', 'fair']),
    except: some(['2026-10-25', '2026-12-24 to 2027-01-02', 'fair']),
    between: hours,
    from: some(NETWORKS),
    place: fc.constant('home'),
    purpose: some(['rehearsal', 'repair']),
    client: some(['app', 'other-app']),
    proof: some(['dpop', 'mtls']),
    acr: fc.constant('phr'),
    state: some(['active', 'lost']),
    attributes: fc.record(
      { mode: fc.constantFrom('party', 'rest'), battery: fc.constantFrom({ at_least: 20 }, { at_most: 20 }, { at_least: 10, at_most: 80 }) },
      { requiredKeys: ['mode'] },
    ),
  },
  { requiredKeys: ['timezone'] },
)
const when = fc.constantFrom('2026-10-24', '2026-10-25', '2026-10-25T00:30:00Z', '2027-03-01', '2026-01-01')
const pick = <T extends object>(record: T, rare: number) => fc.tuple(fc.constant(record), fc.nat(rare)).map(([one]) => one)
const share = fc
  .record(
    {
      name: fc.constantFrom('One', 'Two', 'Three', 'Four'),
      who: fc.uniqueArray(who, { minLength: 1, maxLength: 2, selector: (one) => JSON.stringify(one) }),
      what: some(['guitar', 'amp', 'stuff', 'type:wood', 'tag:studio', 'device:g-1', 'everything']),
      may: some([...SCOPES, 'everything']),
      only: fc.oneof({ weight: 1, arbitrary: only.map(thin) }, { weight: 1, arbitrary: fc.constant({ timezone: 'UTC' }) }),
      from: when,
      until: when,
      hide: some(['$.a', '$.b']),
      limit: fc.constantFrom('5 per hour', '5 per calendar week'),
      notify: fc.constant(true),
      ask: fc.constantFrom<boolean | string>(true, 'once', 'each time', false, false, false),
    },
    { requiredKeys: ['name', 'who', 'what', 'may'] },
  )
  .map(({ from, until, ...rest }) => ({ ...rest, ...(from !== undefined && until === undefined ? { from } : {}), ...(until === undefined ? {} : { until }) }))
const link = fc.record({
  name: fc.constant('Link'),
  who: fc.constant(['anyone-with-link']),
  what: some(['guitar', 'everything']),
  may: some(SCOPES),
  until: when,
})
const stopped = { what: fc.uniqueArray(what, { minLength: 1, maxLength: 1 }), may: some([...SCOPES, 'everything']), only: only.map(thin) }
const block = fc.record(
  { name: fc.constant('No'), who: fc.uniqueArray(who, { minLength: 1, maxLength: 1 }), ...stopped, from: when },
  { requiredKeys: ['who'] },
)
const pause = fc.record({ ...stopped, until: when }, { requiredKeys: ['what'] })

/** At most three of the conditions, so that some requests meet them. */
function thin(all: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { timezone, ...rest } = all
  const keys = Object.keys(rest)
  const first = JSON.stringify(all).length % Math.max(1, keys.length)
  return { timezone, ...Object.fromEntries([...keys, ...keys].slice(first, first + Math.min(3, keys.length)).map((key) => [key, rest[key]])) }
}

export const policyDocument = fc
  .record({
    version: fc.constant(1),
    timezone: fc.constantFrom(...ZONES),
    people: fc.constant({ band: ['ben@example.test', 'domain:band.test'] }),
    things: fc.constant({ stuff: ['guitar', 'tag:studio'] }),
    places: fc.constant({ home: ['192.0.2.0/25', '2001:db8::/32'] }),
    calendars: fc.constant({ fair: ['2026-10-26', '2026-12-24 to 2026-12-26'] }),
    shares: fc.tuple(fc.array(share, { maxLength: 5 }), fc.array(link, { maxLength: 1 })).map(([shares, links]) => [...shares, ...links]),
    block: fc.array(block, { maxLength: 1 }),
    pause: fc.array(pause, { maxLength: 1 }),
  })
  .chain((document) => pick(document, 0))

export const household: Household = {
  people: [{ name: 'Ann', email: 'ann@example.test', issuer: 'https://as.test', subject: 'ann' }],
  things: [{ key: 'guitar', type: 'wood', tags: ['studio'], device_id: 'g-1' }],
  abilities: ['tune'],
}

export function textOf(document: unknown): string {
  return JSON.stringify(document, null, 1)
}

export function ruleSetOf(text: string): RuleSet {
  const ruleSet = parsePolicy({ text, file: 'p.yaml' })
  if (!ruleSet.ok) throw new Error(JSON.stringify(ruleSet.error))
  return ruleSet.value
}

/** What may differ from request to request, from NOW on. */
export const facts = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 8 * 1440 }), fc.integer({ min: 0, max: 500 * 1440 })).map((minutes) => NOW + minutes * 60_000),
  ip: fc.constantFrom('192.0.2.1', '192.0.2.200', '198.51.100.7', '203.0.113.1', null),
  purpose: fc.constantFrom('rehearsal', 'repair', 'other', null),
  acr: fc.constantFrom('phr', null),
  state: fc.constantFrom('active', 'lost', null),
  proof: fc.constantFrom('dpop', 'mtls', 'session', null),
  client: fc.constantFrom('app', 'other-app', 'third-app'),
  device: fc.constantFrom('d-1', 'd-2', null),
  link: fc.constantFrom('Link', 'One', null),
  attributes: fc.record({ mode: fc.constantFrom('party', 'rest', 'x'), battery: fc.constantFrom(5, 10, 15, 20, 25, 80, 81) }, { requiredKeys: [] }),
})
export type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never

export function withFacts(input: DecisionInput, row: Facts): DecisionInput {
  return {
    ...input,
    now: new Date(row.at).toISOString(),
    request: { ...input.request, ip: row.ip, purpose: row.purpose },
    resource: { ...input.resource, state: row.state, attributes: row.attributes },
    party: { ...input.party, acr: row.acr },
    proof: { method: row.proof },
  }
}
