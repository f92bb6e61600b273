// Limits of calendar days, weeks, months and years: they begin again when the period ends on the owner's clock, and a restart gives nothing back.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LimitObligation } from '../../../../policies/contract/obligations.ts'
import { CALENDAR_PERIODS, endOfCalendarPeriod } from '../../../../policies/obligations/calendar-period.ts'
import { createUseLimits } from '../../../../sidecar/obligations/use-limits.ts'

const seconds = (text: string) => Date.parse(text) / 1000

describe('TR64: the end of a calendar period', () => {
  test.each([
    { title: 'a day', at: '2026-11-23T10:00:00+01:00', period: 'day', zone: 'Europe/Paris', end: '2026-11-24T00:00:00+01:00' },
    { title: 'a week, from its first second', at: '2026-11-23T00:00:00+01:00', period: 'week', zone: 'Europe/Paris', end: '2026-11-30T00:00:00+01:00' },
    { title: 'a week, to its last second', at: '2026-11-29T23:59:59+01:00', period: 'week', zone: 'Europe/Paris', end: '2026-11-30T00:00:00+01:00' },
    { title: 'a week in another zone', at: '2026-11-29T23:59:59+01:00', period: 'week', zone: 'Pacific/Auckland', end: '2026-12-07T00:00:00+13:00' },
    { title: 'a week over a change of clocks', at: '2026-10-20T12:00:00+02:00', period: 'week', zone: 'Europe/Paris', end: '2026-10-26T00:00:00+01:00' },
    { title: 'a week over the end of a year', at: '2026-12-31T12:00:00Z', period: 'week', zone: 'UTC', end: '2027-01-04T00:00:00Z' },
    { title: 'a month', at: '2026-11-30T23:59:59.9+01:00', period: 'month', zone: 'Europe/Paris', end: '2026-12-01T00:00:00+01:00' },
    { title: 'December', at: '2026-12-15T00:00:00Z', period: 'month', zone: 'UTC', end: '2027-01-01T00:00:00Z' },
    { title: 'February of a leap year', at: '2028-02-29T12:00:00Z', period: 'month', zone: 'UTC', end: '2028-03-01T00:00:00Z' },
    { title: 'a year', at: '2026-07-01T00:00:00Z', period: 'year', zone: 'America/New_York', end: '2027-01-01T00:00:00-05:00' },
    {
      title: 'a day whose midnight does not exist',
      at: '2026-03-28T12:00:00-03:00',
      period: 'day',
      zone: 'America/Santiago',
      end: '2026-03-29T00:00:00-03:00',
    },
    { title: 'a day before one without midnight', at: '2026-09-05T12:00:00-04:00', period: 'day', zone: 'America/Santiago', end: '2026-09-06T01:00:00-03:00' },
  ] as const)('TR64: of $title', ({ at, period, zone, end }) => {
    expect(new Date(endOfCalendarPeriod(seconds(at), period, zone) * 1000).toISOString()).toBe(new Date(end).toISOString())
  })

  test('TR64: it is always ahead, and the second before it belongs to the same period', () => {
    const zone = fc.constantFrom('Europe/Paris', 'America/St_Johns', 'Pacific/Apia', 'Pacific/Niue', 'Australia/Lord_Howe', 'America/Santiago')
    fc.assert(
      fc.property(
        fc.integer({ min: seconds('2020-01-01'), max: seconds('2040-01-01') }),
        fc.constantFrom(...CALENDAR_PERIODS),
        zone,
        (at, period, timezone) => {
          const end = endOfCalendarPeriod(at, period, timezone)
          expect(end).toBeGreaterThan(at)
          expect(endOfCalendarPeriod(end - 1, period, timezone)).toBe(end)
          expect(endOfCalendarPeriod(end, period, timezone)).toBeGreaterThan(end)
        },
      ),
      { numRuns: 300 },
    )
  })
})

function memoryFiles() {
  const files = new Map<string, Uint8Array>()
  return {
    read: async (name: string) => files.get(name),
    list: async (folder: string) => [...files.keys()].filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
    write: async (name: string, content: Uint8Array | string) => void files.set(name, Buffer.from(content as string)),
  }
}

const START = seconds('2026-11-29T23:00:00+01:00')
const limitOf = (more: Partial<LimitObligation>): LimitObligation => ({ kind: 'limit', rule: 'A', uses: 2, per_seconds: null, ...more })
const use = (...limits: readonly LimitObligation[]) => ({ owner: 'alice', party: 'bob', limits })

test.each(CALENDAR_PERIODS)('TR64: a limit per calendar %s survives a restart and begins again when the period ends', async (calendar) => {
  const weekly = limitOf({ calendar, timezone: 'Europe/Paris' })
  const end = endOfCalendarPeriod(START, calendar, 'Europe/Paris')
  const files = memoryFiles()
  const before = createUseLimits(files, () => START)
  expect([(await before.take(use(weekly), 5)).ok, (await before.take(use(weekly), 6)).ok]).toEqual([true, true])
  // Restarted 100 s later; its monotonic clock reads 3.
  const after = createUseLimits(files, () => START + 97)
  await after.load()
  expect(await after.take(use(weekly), 3)).toEqual({ ok: false, error: { reason: 'limit_reached', retryAfterSeconds: end - START - 100 } })
  expect((await after.take(use(weekly), end - START - 97 - 1)).ok).toBe(false)
  expect((await after.take(use(weekly), end - START - 97)).ok).toBe(true)
})

test('TR64: calendar periods, zones, spans and uses in all are counted apart', async () => {
  const limits = createUseLimits(memoryFiles(), () => START)
  const all = [
    limitOf({ calendar: 'week', timezone: 'Europe/Paris' }),
    limitOf({ calendar: 'week', timezone: 'UTC' }),
    limitOf({ calendar: 'month', timezone: 'UTC' }),
    limitOf({}),
    limitOf({ per_seconds: 604_800 }),
  ]
  for (const one of all) for (const expected of [true, true, false]) expect((await limits.take(use(one), 1)).ok).toBe(expected)
})
