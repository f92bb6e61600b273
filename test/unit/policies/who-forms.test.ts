// Words of `who` that no account can have: refused in shares, blocks, groups and expectations, with the form that is meant. Abilities and things that a household does not have.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEmail } from '../../../authz-server/people/email.ts'
import { findWarnings } from '../../../policies/analysis/find-warnings.ts'
import { parseWho } from '../../../policies/model/names.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'

const NAMES = ['band', 'home']

const FORMS: readonly (readonly [title: string, word: string, hint: string])[] = [
  ['a dot at the end', 'bob@example.test.', 'Write "bob@example.test"'],
  ['a comma at the end', 'bob@example.test,', 'Write "bob@example.test"'],
  ['spaces around', ' bob@example.test ', 'Write "bob@example.test"'],
  ['a space inside', 'bob @example.test', 'Write "bob@example.test"'],
  ['mailto:', 'mailto:bob@example.test', 'Write "bob@example.test"'],
  ['MAILTO: with a subject', 'MAILTO:Bob@example.test?subject=hi', 'Write "bob@example.test"'],
  ['email:', 'email:bob@example.test', 'Write "bob@example.test"'],
  ['a display name', 'Bob Smith <bob@example.test>', 'Write "bob@example.test"'],
  ['brackets', '<bob@example.test>', 'Write "bob@example.test"'],
  ['quotes', '"bob@example.test"', 'Write "bob@example.test"'],
  ['full-width letters', 'ｂｏｂ＠example.test', 'Write "bob@example.test"'],
  ['a Cyrillic letter', 'b\u043eb@example.test', 'the letter "\u043e" (U+043E)'],
  ['an invisible character', 'bob\u200b@example.test', 'an invisible character (U+200B)'],
  ['a domain in other letters', 'bob@b\u00fccher.example', 'write "bob@xn--bcher-kva.example"'],
  ['no name', '@example.test', 'write "domain:example.test"'],
  ['a star', '*@example.test', 'write "domain:example.test"'],
  ['no domain', 'bob@', 'a domain with a dot'],
  ['no dot', 'bob@localhost', 'a domain with a dot'],
  ['two dots', 'bob@example..test', 'a domain with a dot'],
  ['two addresses', 'bob@example.test, ann@example.test', 'more than one address'],
  ['an unknown prefix', 'group:band', 'Write only the name: "band"'],
  ['a mistyped prefix', 'clent:tuner', 'Did you mean "client:tuner"?'],
  ['a prefix in capitals', 'Domain:example.test', 'Did you mean "domain:example.test"?'],
  ['a prefix with a space', 'client: tuner', 'Write "client:tuner"'],
  ['a name in capitals', 'Band', 'Did you mean "band"?'],
  ['a word in capitals', 'Anyone-Signed-In', 'Did you mean "anyone-signed-in"?'],
  ['a name with spaces', ' band ', 'Did you mean "band"?'],
  ['TR65: a domain in other letters', 'domain:b\u00fccher.example', 'Write "domain:xn--bcher-kva.example"'],
  ['a domain with a dot at the end', 'domain:example.test.', 'Write "domain:example.test"'],
  ['a domain with a star', 'domain:*.example.test', 'Write "domain:example.test"'],
  ['a domain with an at sign', 'domain:@example.test', 'Write "domain:example.test"'],
  ['a URL for a domain', 'domain:https://example.test/', 'Write "domain:example.test"'],
]

describe('TR42: a word that no account can have is refused with the form that is meant', () => {
  test.each(FORMS)('%s: %s', (_, word, hint) => {
    const read = parseWho(word, NAMES)
    expect(read).toMatchObject({ ok: false, error: { code: 'unknown_who' } })
    expect(read.ok ? '' : read.error.message).toContain(hint)
  })

  test.each([
    ['a share', (who: string) => `shares: [{ name: A, who: [${who}], what: [x], may: [y] }]`],
    ['a block', (who: string) => `block: [{ who: [${who}] }]`],
    ['a pause', (who: string) => `pause: [{ what: [x], who: [${who}] }]`],
    ['a name', (who: string) => `people: { bob: ${who} }`],
    ['a group', (who: string) => `people: { bob: [${who}] }`],
    ['an expectation', (who: string) => `expect: [{ who: ${who}, what: x, may: y, answer: deny }]`],
  ])('in %s; a text that an earlier version saved is still read', (_, part) => {
    const text = `version: 1\n${part('bob@example.test.')}\n`
    expect(parsePolicy({ text, file: 'r.yaml' })).toMatchObject({ ok: false, error: [{ code: 'unknown_who' }] })
    expect(parsePolicy({ text, file: 'r.yaml', saved: true }).ok).toBe(true)
    expect(parsePolicy({ text: text.replace('test.', 'test'), file: 'r.yaml' }).ok).toBe(true)
  })

  test('an address is accepted if and only if an account can have it', () => {
    const part = fc.string({ unit: fc.constantFrom(...'abB1.-_+@*!:<> "\u043e'), maxLength: 8 })
    fc.assert(
      fc.property(part, part, (local, domain) => {
        const word = `${local}@${domain}.test`
        const read = parseWho(word, [])
        const isAccount = parseEmail(word) !== undefined && word === word.trim() && !word.startsWith('*@')
        expect(read.ok && read.value.kind === 'email').toBe(isAccount)
      }),
      { numRuns: 500 },
    )
  })
})

describe('TR42: abilities and things that the household does not have', () => {
  const household = {
    things: [
      { key: 'lamp', type: 'light', tags: [], abilities: ['read', 'switch'] },
      { key: 'door', type: 'lock', tags: [], abilities: ['open'] },
    ],
  }
  test.each([
    [
      'a mistyped ability',
      '{ name: A, who: [home], what: [lamp], may: [raed] }',
      ['unknown_ability No thing that you have has the ability "raed"; correct the name or remove it. Did you mean "read"?'],
    ],
    [
      'an ability of another thing',
      '{ name: A, who: [home], what: [lamp], may: [open] }',
      ['unknown_ability None of the things in this rule has the ability "open"; correct the name or remove it.'],
    ],
    ['an ability of one of them', '{ name: A, who: [home], what: [lamp, door], may: [open, read] }', []],
    ['everything', '{ name: A, who: [home], what: [everything], may: [everything] }', []],
    [
      'an unknown thing',
      '{ name: A, who: [home], what: [lmap], may: [read] }',
      ['unknown_thing You have no thing "lmap"; correct the name or remove it. Did you mean "lamp"?'],
    ],
  ])('%s', (_, share, expected) => {
    const text = `version: 1\npeople: { home: [bob@example.test] }\nshares:\n  - ${share}\n`
    const rules = parsePolicy({ text, file: 'r.yaml' })
    if (!rules.ok) throw new Error(JSON.stringify(rules.error))
    expect(findWarnings(rules.value, { text, household, now: 0 }).map(({ code, message }) => `${code} ${message}`)).toEqual(expected)
  })

  test('in blocks too', () => {
    const text = 'version: 1\nblock:\n  - { what: [lamp], may: [raed] }\n'
    const rules = parsePolicy({ text, file: 'r.yaml' })
    if (!rules.ok) throw new Error(JSON.stringify(rules.error))
    expect(findWarnings(rules.value, { text, household, now: 0 }).map(({ code, line, column }) => `${line}:${column} ${code}`)).toEqual([
      '3:27 unknown_ability',
    ])
  })
})
