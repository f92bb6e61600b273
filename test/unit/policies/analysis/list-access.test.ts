// The table of who can do what: its rows, and each kind of answer with the rules and words behind it.
import { describe, expect, test } from 'vitest'
import { accessOf, accessTo, listAccess } from '../../../../policies/analysis/list-access.ts'
import { ruleSetOf } from './documents.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const TEXT = `version: 1
defaults: { timezone: Europe/Paris }
people: { band: [bob@example.test, "domain:band.test"] }
shares:
  - { name: Always, who: [ann@example.test], what: [everything], may: [everything] }
  - { name: Mornings, who: [band], what: [guitar], may: [play], only: { between: "00:00-12:00" } }
  - { name: Evenings, who: [band], what: [guitar], may: [play], only: { between: "12:00-24:00" }, hide: [$.a] }
  - { name: Asked, who: [anyone-signed-in], what: ["type:amp"], may: [read], ask: true }
  - { name: By app, who: ["client:app"], what: [guitar], may: [tune] }
  - { name: Over, who: [cat@example.test], what: [guitar], may: [play], until: 2026-11-22 }
  - { name: Guest, who: [anyone-with-link], what: [guitar], may: [read], until: 2027-01-01 }
block:
  - { name: Out, who: [dan@example.test] }
pause:
  - { what: [drum], until: 2026-12-24 }
`
const table = listAccess({
  ruleSet: ruleSetOf(TEXT),
  household: { people: [{ name: 'Dan', email: 'Dan@example.test' }], things: [{ key: 'amp-1', type: 'amp', tags: [] }], abilities: ['record'] },
  now: NOW,
})

function cell(person: string, thing: string, ability: string) {
  const found = table.cells.find((one) => one.person.id === person && one.thing.id === thing && one.ability.id === ability)
  if (found === undefined) throw new Error(`no cell ${person} ${thing} ${ability}`)
  return found
}

test('rows: the household, everyone named, and those who are not', () => {
  expect(table.people.map(({ id }) => id)).toEqual([
    'dan@example.test',
    'bob@example.test',
    'domain:band.test',
    'ann@example.test',
    'client:app',
    'cat@example.test',
    'anyone-with-link Guest',
    'anyone-signed-in',
  ])
  expect(table.people.find(({ id }) => id === 'bob@example.test')?.names).toEqual(['band'])
  expect(table.things.map(({ id }) => id)).toEqual(['thing:amp-1', 'type:amp', 'thing:guitar', 'thing:drum', 'everything'])
  expect(table.abilities.map(({ id }) => id)).toEqual(['record', 'play', 'read', 'tune', 'everything'])
  expect(table.cells).toHaveLength(8 * 5 * 5)
  expect(table.coverage).toBe('complete')
})

describe('answers', () => {
  test.each([
    ['ann@example.test', 'thing:guitar', 'record', 'allow', 'always; allowed: "Always" (line 5)'],
    ['ann@example.test', 'everything', 'everything', 'allow', 'always; allowed: "Always" (line 5)'],
    [
      'ann@example.test',
      'thing:drum',
      'play',
      'sometimes',
      'only sometimes; allowed: "Always" (line 5); paused until the end of 2026-12-24 (Europe/Paris): the pause of line 15',
    ],
    [
      'bob@example.test',
      'thing:guitar',
      'play',
      'allow',
      'always; allowed from 00:00 to 12:00 (Europe/Paris): "Mornings" (line 6); allowed from 12:00 to 24:00 (Europe/Paris), without seeing $.a: "Evenings" (line 7)',
    ],
    ['bob@example.test', 'thing:amp-1', 'read', 'ask', 'only if the owner agrees; the owner is asked once: "Asked" (line 8)'],
    ['bob@example.test', 'thing:guitar', 'tune', 'sometimes', 'only sometimes; allowed through the app app: "By app" (line 9)'],
    ['client:app', 'thing:guitar', 'tune', 'allow', 'always; allowed: "By app" (line 9)'],
    ['cat@example.test', 'thing:guitar', 'play', 'never', 'never'],
    ['dan@example.test', 'thing:amp-1', 'read', 'never', 'never; blocked: "Out" (line 13)'],
    ['anyone-with-link Guest', 'thing:guitar', 'read', 'sometimes', 'only sometimes; allowed until the end of 2027-01-01 (Europe/Paris): "Guest" (line 11)'],
    ['anyone-with-link Guest', 'thing:amp-1', 'read', 'never', 'never'],
    [
      'anyone-signed-in',
      'thing:guitar',
      'read',
      'sometimes',
      'only sometimes; allowed with the link of "Guest", until the end of 2027-01-01 (Europe/Paris): "Guest" (line 11)',
    ],
  ])('%s, %s, %s: %s', (person, thing, ability, answer, text) => {
    const found = cell(person, thing, ability)
    expect([found.answer, found.text]).toEqual([answer, text])
  })
})

test('everything of one person, everyone for one thing', () => {
  expect(accessOf(table, 'bob@example.test')).toHaveLength(25)
  const able = accessTo(table, 'thing:guitar', 'tune').filter(({ answer }) => answer !== 'never')
  expect(able.map(({ person, answer }) => `${person.id} ${answer}`)).toEqual([
    'bob@example.test sometimes',
    'domain:band.test sometimes',
    'ann@example.test allow',
    'client:app allow',
    'cat@example.test sometimes',
    'anyone-signed-in sometimes',
  ])
})
