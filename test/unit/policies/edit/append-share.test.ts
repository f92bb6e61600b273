// An approved request becomes a share of the document: its words as given, and every other byte as it was.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendShare } from '../../../../policies/edit/append-share.ts'
import type { NewShare } from '../../../../policies/edit/share-text.ts'
import { findShare } from '../../../../policies/model/find-share.ts'
import { thingWord } from '../../../../policies/model/names.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'

const SHARE: NewShare = { name: 'Carol plays', who: ['carol@example.test'], what: ['guitar-0042'], may: ['play'], until: '2026-12-31T00:00:00Z' }

const DOCUMENTS: readonly { readonly title: string; readonly text: string }[] = [
  { title: 'an empty text', text: '' },
  { title: 'a comment alone', text: '# mine\n' },
  { title: 'no shares', text: 'version: 1\n' },
  { title: 'no line end at the end', text: 'version: 1' },
  { title: 'an empty list', text: 'version: 1\nshares: [ ] # none yet\n' },
  { title: 'an empty list in several lines', text: 'version: 1\nshares: [\n  # none\n]\n' },
  {
    title: 'a block list',
    text: 'version: 1\nshares:\n  # first\n  - name: A   # a\n    who: [a@example.test]\n    what: [x]\n    may: [y]\n\n  # the end\n\nblock: [] # b\n',
  },
  { title: 'a block list at the margin', text: 'version: 1\nshares:\n- name: A\n  who: [a@example.test]\n  what: [x]\n  may: [y]' },
  {
    title: 'a block list with lists over lines',
    text: 'shares:\n    -   name: A\n        who:\n          - a@example.test\n        may: [y]\n        what:\n        - x # last\nversion: 1\n',
  },
  { title: 'a flow list', text: 'version: 1\nshares: [{ name: A, who: [a@example.test], what: [x], may: [y] }] # end\n' },
  { title: 'a flow list with a comma at its end', text: 'version: 1\nshares: [\n  { name: A, who: [a@example.test], what: [x], may: [y] },\n  # end\n]\n' },
  { title: 'JSON', text: '{"version": 1, "shares": [{"name": "A", "who": ["a@example.test"], "what": ["x"], "may": ["y"]}]}' },
  { title: 'JSON without shares', text: '{"version": 1}\n' },
  { title: 'CRLF', text: 'version: 1\r\nshares:\r\n  - name: A\r\n    who: [a@example.test]\r\n    what: [x]\r\n    may: [y]\r\nblock: []\r\n' },
  { title: 'a byte order mark', text: '\uFEFFversion: 1\nshares:\n  - {name: A, who: [a@example.test], what: [x], may: [y]}\n' },
  { title: 'a document with its marks', text: '---\nversion: 1\nshares:\n  - {name: A, who: [a@example.test], what: [x], may: [y]}\n...\n' },
  {
    title: 'a name over several lines',
    text: 'version: 1\nshares:\n  - who: [a@example.test]\n    what: [x]\n    may: [y]\n    name: >-\n      A long\n      name\n\nexpect: []\n',
  },
  { title: 'a key in quotes', text: 'version: 1\n"shares":\n  - {name: A, who: [a@example.test], what: [x], may: [y]}\n' },
  { title: 'a map that is indented', text: '  version: 1\n  block: []\n' },
]

test.each(DOCUMENTS)('$title', ({ text }) => {
  const before = read(text)
  const appended = appendShare(text, SHARE)
  if (!appended.ok) throw new Error(JSON.stringify(appended.error))
  expect(isSubsequence(text, appended.value)).toBe(true)
  const after = read(appended.value)
  expect(withoutLines(after.shares.slice(0, -1))).toEqual(withoutLines(before.shares))
  expect(after.shares.at(-1)).toMatchObject({ name: 'Carol plays', who: [{ kind: 'email', email: 'carol@example.test' }], may: ['play'] })
  expect(after.block).toHaveLength(before.block.length)
  const crlf = text.includes('\r\n')
  if (crlf) expect(appended.value.replaceAll('\r\n', '')).not.toContain('\n')
})

test('what was there before stands there byte for byte, in one piece before and one behind', () => {
  for (const { text } of DOCUMENTS) {
    const appended = appendShare(text, SHARE)
    if (!appended.ok) throw new Error(JSON.stringify(appended.error))
    expect({ text, appended: appended.value, one: isOneInsertion(text, appended.value) }).toMatchObject({ one: true })
  }
})

const word = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }),
  fc.constantFrom(
    '"',
    '\\',
    "'",
    'a: b',
    '- x',
    '# c',
    '{',
    '}]',
    '!!str',
    '&a',
    '*a',
    '<<',
    '%',
    '@',
    '`',
    '|',
    '>',
    '?',
    'null',
    'true',
    '~',
    '1',
    '\u2028',
    '\u202e',
    '\ud83c\udfb8',
    '__proto__',
  ),
)
const name = word.filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed())
const scope = fc
  .string({ minLength: 1, maxLength: 20, unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) })
  .filter((text) => !/["\\]/.test(text) && text !== 'everything')

test('hostile words come back as they were, and the other shares do not change', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...DOCUMENTS),
      fc.array(fc.record({ name, key: name, scope, hide: fc.boolean() }), { minLength: 1, maxLength: 3 }),
      ({ text }, shares) => {
        let current = text
        for (const one of shares) {
          const share: NewShare = {
            name: one.name,
            who: ['carol@example.test'],
            what: [thingWord(one.key, [])],
            may: [one.scope],
            ...(one.hide ? { obligations: { hide: ['$.a'] }, only: { days: ['mon'], timezone: 'UTC' } } : {}),
          }
          const appended = appendShare(current, share)
          if (!appended.ok) throw new Error(JSON.stringify(appended.error))
          expect(isSubsequence(current, appended.value)).toBe(true)
          current = appended.value
        }
        const before = read(text).shares
        const after = read(current).shares
        expect(withoutLines(after.slice(0, before.length))).toEqual(withoutLines(before))
        expect(after.slice(before.length).map((share) => [share.name, share.what, share.may, share.obligations])).toEqual(
          shares.map((one) => [
            one.name,
            [{ kind: 'thing', name: one.key }],
            [one.scope],
            one.hide ? [{ kind: 'hide', paths: ['$.a'], other_answers: 'refuse' }] : [],
          ]),
        )
      },
    ),
    { numRuns: 500 },
  )
})

test.each([
  { title: 'a control character', share: { ...SHARE, name: 'a\nb' }, code: 'bad_value' },
  { title: 'half of a surrogate pair', share: { ...SHARE, name: '\ud800' }, code: 'bad_value' },
  { title: 'nobody', share: { ...SHARE, who: [] }, code: 'missing_key' },
  { title: 'an unknown group', share: { ...SHARE, who: ['band'] }, code: 'unknown_who' },
  { title: 'a day without a zone', share: { ...SHARE, until: '2026-12-31' }, code: 'timezone_missing' },
])('$title in the share is refused with its diagnostic', ({ share, code }) => {
  expect(appendShare('version: 1\n', share)).toMatchObject({ ok: false, error: [{ code }] })
})

test('a text that is wrong already is left alone', () => {
  expect(appendShare('version: 2\n', SHARE)).toMatchObject({ ok: false, error: [{ line: 1, column: 10 }] })
})

test('a reason leads back to its share', () => {
  const ruleSet = read(
    'version: 1\nshares:\n  - {name: A, who: [a@example.test], what: [x], may: [y]}\n  - {name: A, who: [a@example.test], what: [x], may: [z]}\n',
  )
  expect(findShare(ruleSet, { rule: 'A', line: 4 })?.may).toEqual(['z'])
  expect(findShare(ruleSet, { rule: 'A', line: 5 })).toBeUndefined()
})

function read(text: string) {
  const ruleSet = parsePolicy({ text, file: 'p.yaml' })
  if (!ruleSet.ok) throw new Error(JSON.stringify(ruleSet.error))
  return ruleSet.value
}

function withoutLines(shares: readonly { readonly line: number }[]) {
  return shares.map((share) => ({ ...share, line: 0 }))
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0
  for (const character of whole) if (part.startsWith(character, at)) at += character.length
  return at === part.length
}

function isOneInsertion(before: string, after: string): boolean {
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  return after.endsWith(before.slice(start))
}
