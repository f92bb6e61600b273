import { expect, test } from 'vitest'
import { describeRules } from '../../../../authz-server/sharing/describe-rules.ts'
import { EMPTY_RULES } from '../../../../authz-server/sharing/empty-rules.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'

function describeText(text: string): readonly string[] {
  const rules = parsePolicy({ text, file: 'rules.yaml' })
  if (!rules.ok) throw new Error(JSON.stringify(rules.error))
  return describeRules(rules.value)
}
const share = (rest: string) =>
  `version: 1\ntimezone: Europe/Paris\npeople:\n  band: [bob@example.test, carol@example.test]\nshares:\n  - { name: One, ${rest} }\n`

test('the rules of a new owner say nothing', () => expect(describeText(EMPTY_RULES)).toEqual([]))

test.each([
  ['who: [bob@example.test], what: [guitar], may: [play]', 'bob@example.test may play on guitar.'],
  [
    'who: [band], what: ["type:amp", "tag:studio"], may: [read, play]',
    'band (bob@example.test and carol@example.test) may read and play on everything of type amp and everything tagged studio.',
  ],
  [
    'who: [anyone-signed-in], what: [everything], may: [everything], ask: true',
    'Anyone who is signed in may, once you have approved it, do everything on everything you have.',
  ],
  [
    'who: [bob@example.test], what: [guitar], may: [read], hide: [$.a], until: 2030-12-31',
    'bob@example.test may read on guitar, until the end of 2030-12-31 (Europe/Paris); without seeing $.a.',
  ],
  [
    'who: [bob@example.test], what: [guitar], may: [read], only: { between: "08:00-22:00" }',
    'bob@example.test may read on guitar, only from 08:00 to 22:00 (Europe/Paris).',
  ],
])('%s', (rest, expected) => expect(describeText(share(rest))).toEqual([expected]))

test('a block comes after the shares and says that it wins', () => {
  expect(describeText('version: 1\nshares: []\nblock:\n  - { who: [mallory@example.test] }\n')).toEqual([
    'mallory@example.test may do nothing, regardless of other rules.',
  ])
})
