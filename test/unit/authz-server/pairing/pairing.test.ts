import { describe, expect, test } from 'vitest'
import { judgePoll } from '../../../../authz-server/pairing/pairing.ts'
import { generateUserCode, hashUserCode, normalizeUserCode, USER_CODE_LETTERS } from '../../../../authz-server/pairing/user-code.ts'

const PENDING = { status: 'pending', createdAt: 100, expiresAt: 700, lastPollAt: 100, pollIntervalSeconds: 5 } as const

describe('RFC 8628 3.5: judging a poll', () => {
  test.each([
    {
      title: 'the first poll is never too early',
      pairing: { ...PENDING, lastPollAt: null },
      now: 100,
      kind: 'pending',
      next: { lastPollAt: 100, pollIntervalSeconds: 5 },
    },
    { title: 'a poll after the interval is on time', pairing: PENDING, now: 105, kind: 'pending', next: { lastPollAt: 105, pollIntervalSeconds: 5 } },
    { title: 'a poll one second early is on time', pairing: PENDING, now: 104, kind: 'pending', next: { lastPollAt: 104, pollIntervalSeconds: 5 } },
    {
      title: 'a poll two seconds early slows down, and does not move the clock',
      pairing: PENDING,
      now: 103,
      kind: 'slow_down',
      next: { lastPollAt: 100, pollIntervalSeconds: 10 },
    },
    {
      title: 'the interval stops growing at 60 s',
      pairing: { ...PENDING, pollIntervalSeconds: 58 },
      now: 103,
      kind: 'slow_down',
      next: { lastPollAt: 100, pollIntervalSeconds: 60 },
    },
    { title: 'an approval is not delayed', pairing: { ...PENDING, status: 'approved' as const }, now: 100, kind: 'approved', next: undefined },
    { title: 'a denial is not delayed', pairing: { ...PENDING, status: 'denied' as const }, now: 100, kind: 'denied', next: undefined },
    { title: 'the last second counts', pairing: { ...PENDING, status: 'approved' as const }, now: 699, kind: 'approved', next: undefined },
    { title: 'an approval ends with its code', pairing: { ...PENDING, status: 'approved' as const }, now: 700, kind: 'expired', next: undefined },
    { title: 'a denial is told after the end too', pairing: { ...PENDING, status: 'denied' as const }, now: 900, kind: 'denied', next: undefined },
    {
      title: 'TR24: a last poll that is in the future, because the clock was set back, slows nobody down',
      pairing: PENDING,
      now: 60,
      kind: 'pending',
      next: { lastPollAt: 60, pollIntervalSeconds: 5 },
    },
    {
      title: 'TR24: a clock set back by a minute ends no code',
      pairing: { ...PENDING, lastPollAt: null },
      now: 40,
      kind: 'pending',
      next: { lastPollAt: 40, pollIntervalSeconds: 5 },
    },
    { title: 'TR24: a clock set back by more ends the code, which would live too long otherwise', pairing: PENDING, now: 39, kind: 'expired', next: undefined },
    {
      title: 'TR24: the same for an approval that was not collected',
      pairing: { ...PENDING, status: 'approved' as const },
      now: 39,
      kind: 'expired',
      next: undefined,
    },
    { title: 'what was redeemed stays redeemed', pairing: { ...PENDING, status: 'redeemed' as const }, now: 100, kind: 'redeemed', next: undefined },
  ])('$title', ({ pairing, now, kind, next }) => {
    expect(judgePoll(pairing, now)).toEqual(next === undefined ? { kind } : { kind, next })
  })

  test('trap (a): a steady client that never slows down still hears pending now and then', () => {
    let state = { lastPollAt: null as number | null, pollIntervalSeconds: 5 }
    const kinds: string[] = []
    for (let now = 100; now < 600; now += 3) {
      const verdict = judgePoll({ ...PENDING, ...state }, now)
      kinds.push(verdict.kind)
      if ('next' in verdict) state = verdict.next
    }
    expect(kinds.slice(30)).toContain('pending')
  })
})

describe('user codes', () => {
  test.each([
    { title: 'as shown', typed: 'BCDF-GHJK' },
    { title: 'in lower case', typed: 'bcdf-ghjk' },
    { title: 'without the dash', typed: 'BCDFGHJK' },
    { title: 'with spaces', typed: ' b c d f g h j k ' },
    { title: 'with another dash', typed: 'BCDF–GHJK' },
    { title: 'with a full stop', typed: 'BCDF.GHJK' },
  ])('$title', ({ typed }) => {
    expect(normalizeUserCode(typed)).toBe('BCDF-GHJK')
  })

  test.each(['', 'BCDF-GHJ', 'BCDF-GHJKL', 'ABCD-FGHJ', 'BCDF-GHJ1', `BCDF-GHJK${' '.repeat(40)}`, 'ВСDF-GHJK'])('%j can be no code', (typed) => {
    expect(normalizeUserCode(typed)).toBeUndefined()
  })

  test('letters come evenly: bytes of 240 and above are not used', () => {
    const counts = new Map<string, number>()
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    let at = 0
    const next = (count: number) => Uint8Array.from({ length: count }, () => bytes[at++ % 256] ?? 0)
    for (let round = 0; round < 240; round += 1) for (const letter of generateUserCode(next).replace('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    expect([...counts.keys()].sort().join('')).toBe(USER_CODE_LETTERS)
    const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())]
    expect(most - least).toBeLessThanOrEqual(20)
  })

  test('the hash depends on the key', () => {
    expect(hashUserCode('BCDF-GHJK', new Uint8Array(32))).not.toBe(hashUserCode('BCDF-GHJK', new Uint8Array(32).fill(1)))
  })
})
