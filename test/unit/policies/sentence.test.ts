// Reasons in plain words: the owner hears all of it, the requester nothing of the rules.
import { expect, test } from 'vitest'
import { REASON_CODES } from '../../../policies/contract/reasons.ts'
import { requesterSentence } from '../../../policies/contract/requester-sentence.ts'
import { ownerSentence } from '../../../policies/explain/sentence.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'

const text = `version: 1
timezone: Europe/Paris
shares:
  - name: Secret plan
    who: [bob@example.test]
    what: [x]
    may: [y]
    only: { days: [mon-wed], between: "22:00-06:30", from: [192.0.2.7] }
    until: 2026-12-31
`
const parsed = parsePolicy({ text, file: 'p.yaml' })
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
const ruleSet = parsed.value
const at = { rule: 'Secret plan', line: 4 }

test.each([
  { code: 'not_these_hours', sentence: 'A share matches, but not at this time of day: "Secret plan" (line 4). Allowed from 22:00 to 06:30 (Europe/Paris).' },
  { code: 'not_these_days', sentence: 'A share matches, but not on this day: "Secret plan" (line 4). Allowed on mon, tue, wed (Europe/Paris).' },
  { code: 'not_from_this_network', sentence: 'A share matches, but not from this network: "Secret plan" (line 4). Allowed from the network 192.0.2.7/32.' },
  { code: 'expired', sentence: 'A share matched, but has ended: "Secret plan" (line 4). Allowed until the end of 2026-12-31 (Europe/Paris).' },
  { code: 'share_allows', sentence: 'A share allows it: "Secret plan" (line 4).' },
] as const)('the owner is told $code with the rule and its condition', ({ code, sentence }) => {
  expect(ownerSentence({ code, ...at }, ruleSet)).toBe(sentence)
})

test('without the rules, or with others, the owner is told what the reason itself says', () => {
  expect(ownerSentence({ code: 'not_these_hours', ...at })).toBe('A share matches, but not at this time of day: "Secret plan" (line 4).')
  expect(ownerSentence({ code: 'not_these_hours', rule: 'Secret plan', line: 5 }, ruleSet)).toBe(
    'A share matches, but not at this time of day: "Secret plan" (line 5).',
  )
  expect(ownerSentence({ code: 'no_share_for_this' })).toBe('No share gives this person this ability on this thing.')
  expect(ownerSentence({ code: 'blocked', line: 9 })).toBe('This person is blocked (line 9).')
})

test.each(REASON_CODES)('the requester is told %s without names, lines or hours', (code) => {
  const sentence = requesterSentence(code)
  expect(sentence).not.toMatch(/Secret|[0-9]|line|rule/)
  expect(sentence.length).toBeGreaterThan(10)
})

test('who is blocked and who is given nothing hear the same', () => {
  expect(requesterSentence('blocked')).toBe(requesterSentence('no_share_for_this'))
})
