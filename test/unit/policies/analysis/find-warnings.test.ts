// Warnings: each with its place and remedy, and none where a document is well.
import { describe, expect, test } from 'vitest'
import { findWarnings } from '../../../../policies/analysis/find-warnings.ts'
import type { Household } from '../../../../policies/analysis/universe.ts'
import { ruleSetOf } from './documents.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')

function warn(body: string, household: Household = {}) {
  const text = `version: 1\ndefaults: { timezone: Europe/Paris }\n${body}`
  return findWarnings(ruleSetOf(text), { text, file: 'p.yaml', household, now: NOW }).map(({ line, column, code, message, severity }) => {
    expect(severity).toBe('warning')
    return `${line}:${column} ${code} ${message}`
  })
}

const GOOD = 'name: S, who: [bob@example.test], what: [guitar], may: [play]'
const END = 'until: 2027-12-31'

describe('a share that never fits', () => {
  test.each([
    ['has ended', 'until: 2026-11-22', 'has ended'],
    ['ends before it begins', 'from: 2027-02-01, until: 2027-01-31', 'exclude each other'],
    ['has networks that do not meet', `${END}, only: { from: [192.0.2.0/24], place: home }`, 'exclude each other'],
    [
      'has hours that end before its day begins',
      'from: "2026-12-01T20:00:00Z", until: "2026-12-01T20:30:00Z", only: { between: "08:00-20:00" }',
      'exclude each other',
    ],
  ])('%s', (_, members, words) => {
    const places = members.includes('place: home') ? 'places: { home: [198.51.100.0/24] }\n' : ''
    const found = warn(`${places}shares:\n  - { ${GOOD}, ${members} }\n`)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(places === '' ? /^4:5 share_never_fits/ : /^5:5 share_never_fits/)
    expect(found[0]).toContain(words)
  })

  test('is blocked, by app as by address, or paused for good', () => {
    expect(warn(`shares:\n  - { ${GOOD}, ${END} }\nblock:\n  - { who: ["domain:example.test"] }\n`)[0]).toContain('everyone in it is blocked (line 6)')
    expect(warn(`shares:\n  - { name: A, who: ["client:app"], what: [x], may: [y], ${END} }\nblock:\n  - { who: ["client:app"] }\n`)[0]).toContain(
      'blocked (line 6)',
    )
    expect(warn(`shares:\n  - { ${GOOD}, ${END} }\npause:\n  - { what: [guitar] }\n`)[0]).toContain('paused permanently (line 6)')
  })

  test('does not mean one that begins later, is paused for a while, or blocked for one of its people', () => {
    expect(warn(`shares:\n  - { ${GOOD}, from: 2027-01-01, ${END}, only: { days: [sun], between: "02:30-02:31" } }\n`)).toEqual([])
    expect(warn(`shares:\n  - { ${GOOD}, ${END} }\npause:\n  - { what: [guitar], until: 2026-12-24 }\n`)).toEqual([])
    expect(warn(`shares:\n  - { name: S, who: ["domain:example.test"], what: [x], may: [y], ${END} }\nblock:\n  - { who: [bob@example.test] }\n`)).toEqual([])
  })
})

describe('a share hidden by another', () => {
  const wide = `{ name: Wide, who: ["domain:example.test"], what: [everything], may: [everything], ${END} }`
  const hidden = (first: string, second: string) => warn(`shares:\n  - ${first}\n  - ${second}\n`).filter((one) => one.includes('share_hidden'))
  test.each([
    ['fewer people, things and abilities', wide, `{ ${GOOD}, ${END} }`, ['5:5']],
    ['more conditions', wide, `{ ${GOOD}, until: 2027-01-31, only: { days: [mon] } }`, ['5:5']],
    ['hours within hours', `{ ${GOOD}, ${END}, only: { between: "08:00-22:00" } }`, `{ ${GOOD}, ${END}, only: { between: "09:00-10:00" } }`, ['5:5']],
    ['asks for what is allowed', wide, `{ ${GOOD}, ${END}, ask: true, hide: [$.a] }`, ['5:5']],
    ['the same twice: the later', `{ ${GOOD}, ${END} }`, `{ ${GOOD}, ${END} }`, ['5:5']],
    ['a later end', `{ ${GOOD}, ${END} }`, `{ ${GOOD}, until: 2028-01-01 }`, ['4:5']],
    ['another ability', `{ ${GOOD}, ${END} }`, `{ name: T, who: [bob@example.test], what: [guitar], may: [read], ${END} }`, []],
    ['hours that reach out', `{ ${GOOD}, ${END}, only: { between: "08:00-22:00" } }`, `{ ${GOOD}, ${END}, only: { between: "21:00-23:00" } }`, []],
    ['hides more, and what any hides stays hidden', wide, `{ ${GOOD}, ${END}, hide: [$.a] }`, []],
    ['only behind a question', `{ name: Wide, who: [anyone-signed-in], what: [everything], may: [everything], ask: true }`, `{ ${GOOD}, ${END} }`, []],
  ])('%s', (_, first, second, places) => {
    expect(hidden(first, second).map((one) => one.split(' ')[0])).toEqual(places)
  })
})

describe('a share without an end', () => {
  test('for somebody outside the home', () => {
    const people = 'people: { home: [ann@example.test], friends: [bob@example.test, cat@example.test] }'
    const share = (who: string, more = '') =>
      warn(`${people}\nshares:\n  - { name: S, who: [${who}], what: [x], may: [y]${more} }\n`).filter((one) => one.includes('no_expiry'))
    expect(share('home, ann@example.test')).toEqual([])
    expect(share('friends')).toEqual([
      '5:5 no_expiry "S" never ends for "bob@example.test" and 1 more outside the home; add "until", or add them to "home" under "people".',
    ])
    expect(share('anyone-signed-in')).toHaveLength(1)
    expect(share('friends', ', until: 2027-01-01')).toEqual([])
    expect(share('friends', ', ask: true')).toEqual([])
  })

  test.each([
    ['bob@example.test', 1],
    ['anyone-signed-in', 1],
    ['"domain:example.test"', 1],
    ['"client:app"', 1],
    ['band', 0],
    ['{ issuer: a, subject: b }', 0],
  ])('where no home is named: %s', (who, count) => {
    const found = warn(`people: { band: [bob@example.test] }\nshares:\n  - { name: S, who: [${who}], what: [x], may: [y] }\n`)
    expect(found.filter((one) => one.startsWith('5:5 no_expiry'))).toHaveLength(count)
  })
})

test('everything for everyone', () => {
  expect(warn(`shares:\n  - { name: S, who: [anyone-signed-in], what: [everything], may: [read], ${END} }\n`)).toEqual([
    '4:5 too_open "S" gives everyone access to everything; name the people or the things that you mean.',
  ])
})

test('things that the household does not have, at their words', () => {
  const things = [{ key: 'guitar-0042', type: 'guitar', tags: ['studio'], device_id: 'd-1' }]
  const body = `things: { axe: [guitar-0043, "tag:studio"] }\nshares:\n  - { name: S, who: [bob@example.test], what: [axe, "type:guitars", guitar-0042, "device:d-2"], may: [y], ${END} }\n`
  expect(warn(body, { things })).toEqual([
    '3:17 unknown_thing You have no thing "guitar-0043"; correct the name or remove it. Did you mean "guitar-0042"?',
    '5:53 unknown_thing You have no thing of the type "guitars"; correct the name or remove it. Did you mean "type:guitar"?',
    '5:82 unknown_thing You have no thing of the device "d-2"; correct the name or remove it. Did you mean "device:d-1"?',
  ])
  expect(warn(body)).toEqual([])
})

test('names that nothing uses, at the name', () => {
  const body = `people: { bob: bob@example.test, band: [bob], crew: [bob] }\nthings: { axe: guitar }\nplaces: { home: [192.0.2.0/24], work: [198.51.100.0/24] }\n`
  expect(warn(`${body}shares:\n  - { name: S, who: [band], what: [guitar], may: [y], only: { place: home } }\n`)).toEqual([
    '3:47 unused_name No rule uses the name "crew" under "people"; use it or remove it.',
    '4:11 unused_name No rule uses the name "axe" under "things"; use it or remove it.',
    '5:33 unused_name No rule uses the name "work" under "places"; use it or remove it.',
  ])
})

test('without the text, each warning stands at the line of its share', () => {
  const text = `version: 1\nshares:\n  - { ${GOOD} }\n`
  expect(findWarnings(ruleSetOf(text), { now: NOW })).toMatchObject([{ file: 'policy.yaml', line: 3, column: 1, code: 'no_expiry' }])
})
