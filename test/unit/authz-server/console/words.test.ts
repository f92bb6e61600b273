import { expect, test } from 'vitest'
import { agoInWords, count, dayOf, instantInWords, listInWords, waitInWords } from '../../../../authz-server/console/words.ts'

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('%j is told as "%s"', (items, expected) => expect(listInWords(items)).toBe(expected))

test.each([
  [0, 'less than a minute ago'],
  [59, 'less than a minute ago'],
  [60, '1 minute ago'],
  [3599, '59 minutes ago'],
  [3600, '1 hour ago'],
  [86_399, '23 hours ago'],
  [86_400, '1 day ago'],
  [-5, 'less than a minute ago'],
])('%d seconds are told as "%s"', (seconds, expected) => expect(agoInWords(1000, 1000 + seconds)).toBe(expected))

test.each([
  [1, '1 second'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [61, '2 minutes'],
])('a wait of %d seconds is told as "%s"', (seconds, expected) => expect(waitInWords(seconds)).toBe(expected))

test('days and instants are told in UTC', () => {
  const at = Date.parse('2026-11-23T08:05:00Z') / 1000
  expect([dayOf(at), instantInWords(at), count(1, 'device')]).toEqual(['2026-11-23', '23 November 2026, 08:05 UTC', '1 device'])
})
