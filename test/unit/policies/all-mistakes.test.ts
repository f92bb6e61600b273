// TR68: mistakes of every stage that can run are reported at once, and none that is only there because another part could not be read.
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { parseGuardrails } from '../../../policies/guardrails/parse-guardrails.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'

vi.setConfig({ testTimeout: 60_000 })

const policy = (text: string) => parsePolicy({ text, file: 'p', now: 0 })
const guardrails = (text: string) => parseGuardrails({ text, file: 'g' })
const found = (read: ReturnType<typeof policy> | ReturnType<typeof guardrails>) => (read.ok ? [] : read.error.map(({ line, code }) => `${line} ${code}`))

const share = (more: string, name = 'S') => `  - { name: ${name}, who: [bob@example.test], what: [guitar], may: [play], ${more} }\n`
const head = 'version: 1\ndefaults: { timezone: Europe/Paris }\nshares:\n'

test.each([
  {
    title: 'an unknown key, a wrong limit and an unknown person in three shares',
    text: `${head}${share('hidee: [x]')}${share('limit: often')}  - { name: C, who: [nobody-known], what: [guitar], may: [play] }\n`,
    expected: ['4 unknown_key', '5 bad_limit', '6 unknown_who'],
  },
  { title: 'a wrong type and a wrong day in one share', text: `${head}${share('notify: "yes", until: 2026-13-01')}`, expected: ['4 wrong_type', '4 bad_date'] },
  {
    title: 'a wrong day of the week and wrong hours',
    text: `${head}${share('only: { days: mon, between: "8-25" }')}`,
    expected: ['4 wrong_type', '4 bad_hours'],
  },
  {
    title: 'a number that is not kept, a wrong type and a wrong limit',
    text: `${head}${share('round: { hz: 1e400 }, notify: 1, limit: often')}`,
    expected: ['4 bad_value', '4 wrong_type', '4 wrong_type', '4 bad_limit'],
  },
  {
    title: 'a missing key and a wrong zone',
    text: `version: 1\ndefaults: { timezone: Paris }\nshares:\n  - { who: [bob@example.test], what: [guitar], may: [play] }\n`,
    expected: ['2 unknown_timezone', '4 missing_key'],
  },
  {
    title: 'a map where a word from a list belongs, and a wrong limit',
    text: `${head}${share('must: { a: 1 }, limit: often')}`,
    expected: ['4 wrong_type', '4 bad_value', '4 bad_limit'],
  },
  { title: 'a missing version and an unknown place', text: `shares:\n${share('only: { place: home }')}`, expected: ['1 missing_key', '2 unknown_place'] },
  {
    title: 'a block that is not a map and a wrong limit',
    text: `${head}${share('limit: often')}block:\n  - guitar\n`,
    expected: ['4 bad_limit', '6 wrong_type'],
  },
  {
    title: 'a wrong word in a list, and an unknown one',
    text: `${head}  - { name: C, who: [7, nobody-known], what: [guitar], may: [play] }\n`,
    expected: ['4 wrong_type', '4 unknown_who'],
  },
  {
    title: 'an expectation that is not one, and a wrong limit',
    text: `${head}${share('limit: often')}expect:\n  - { who: bob@example.test }\n`,
    expected: ['4 bad_limit', '6 missing_key', '6 missing_key', '6 missing_key'],
  },
])('TR68: $title', ({ text, expected }) => {
  expect(found(policy(text)).toSorted()).toEqual(expected.toSorted())
})

test.each([
  {
    title: 'names under an unknown key',
    text: `version: 1\npeeple: { band: [bob@example.test] }\nshares:\n  - { name: S, who: [band], what: [guitar], may: [play] }\n`,
    expected: ['2 unknown_key'],
  },
  {
    title: 'people that are not a map',
    text: `version: 1\npeople: [band]\nshares:\n  - { name: S, who: [band], what: [guitar], may: [play] }\n`,
    expected: ['2 wrong_type'],
  },
  { title: 'a zone of a wrong type', text: `version: 1\ndefaults: { timezone: 1 }\nshares:\n${share('until: 2026-12-31')}`, expected: ['2 wrong_type'] },
  {
    title: 'places with a name that cannot be one',
    text: `version: 1\nplaces: { "h!": ["192.0.2.0/24"] }\nshares:\n${share('only: { place: "h!" }')}`,
    expected: ['2 unknown_key'],
  },
  {
    title: 'the end of a link',
    text: `version: 1\nshares:\n  - { name: S, who: [anyone-with-link], what: [guitar], may: [read], until: 7 }\n`,
    expected: ['3 wrong_type'],
  },
  {
    title: 'a mistyped end of a link',
    text: `version: 1\nshares:\n  - { name: S, who: [anyone-with-link], what: [guitar], may: [read], untl: 2026-12-31 }\n`,
    expected: ['3 unknown_key'],
  },
  { title: 'what must be found', text: `version: 1\nshares:\n${share('must: found, hide: location')}`, expected: ['3 wrong_type'] },
  { title: 'a reminder', text: `version: 1\nshares:\n${share('remind: 1 week, until: 7')}`, expected: ['3 wrong_type'] },
  { title: 'whom a block means', text: `version: 1\nblock:\n  - { hwo: [bob@example.test] }\n`, expected: ['3 unknown_key'] },
  { title: 'the whole text', text: `[]`, expected: ['1 wrong_type'] },
])('TR68: no mistake follows from another one: $title', ({ text, expected }) => {
  expect(found(policy(text))).toEqual(expected)
})

test('TR68: guardrails too', () => {
  const text = `version: 1
guardrails:
  - { name: A, what: [everything], may: [play], require: { between: "8-25" } }
  - { name: B, what: [everything], may: [play], requires: { state: active } }
  - { name: C, what: [everything], may: [play], require: { from: [1.2.3.4/8] } }
`
  expect(found(guardrails(text))).toEqual(['3 bad_hours', '4 unknown_key', '5 bad_network'])
})

describe('TR68: any damage', () => {
  const whole = {
    version: 1,
    defaults: { timezone: 'Europe/Paris' },
    people: { band: ['bob@example.test'] },
    places: { home: ['192.0.2.0/24'] },
    calendars: { fair: ['2026-12-24'] },
    shares: [
      {
        name: 'A',
        who: ['band'],
        what: ['guitar'],
        may: ['play'],
        only: { days: ['mon'], place: 'home', except: ['fair'] },
        until: '2026-12-31',
        hide: ['x'],
        must: 'found',
      },
      { name: 'B', who: ['anyone-with-link'], what: ['guitar'], may: ['play'], for: '1 day', limit: 'often' },
    ],
    block: [{ who: ['band'], only: { between: '08:00-09:00' } }],
    expect: [{ who: 'bob@example.test', what: 'guitar', may: 'play', answer: 'deny' }],
  }
  const places: readonly (readonly string[])[] = walk(whole)
  function walk(value: unknown): readonly (readonly string[])[] {
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, inner]) => [[key], ...walk(inner).map((path) => [key, ...path])])
  }

  test('TR68: one wrong value anywhere leaves the other mistakes reported, and adds none that follow from it', () => {
    const rubbish = fc.constantFrom<unknown>(null, 7, true, 'x'.repeat(2000), [[]], { '': 1 })
    fc.assert(
      fc.property(fc.constantFrom(...places), rubbish, (path, value) => {
        const copy = structuredClone(whole) as Record<string, unknown>
        let holder = copy
        for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>
        holder[path.at(-1) as string] = value
        const read = policy(JSON.stringify(copy, null, 1))
        if (read.ok) throw new Error('the limit "often" was read')
        const codes = read.error.map(({ code }) => code)
        const isLimitThere = JSON.stringify(copy).includes('"often"')
        // The mistake of the other share is there in each case.
        expect(codes.includes('bad_limit')).toBe(isLimitThere)
        expect(codes.filter((code) => ['timezone_missing', 'unknown_place', 'unknown_calendar', 'link_without_end'].includes(code))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
