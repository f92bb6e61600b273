// Days, weeks, months and years of the calendar on the clock of a time zone: when the one that is running ends. It reads no clock.
import { type CalendarDate, dayAfter, formatDate } from '../conditions/instant.ts'
import { readWallClock, type WallClock, weekdayOf } from '../conditions/wall-clock.ts'
import { WEEKDAYS } from '../conditions/weekdays.ts'

/** Weeks begin on Monday (ISO 8601). */
export const CALENDAR_PERIODS = ['day', 'week', 'month', 'year'] as const
export type CalendarPeriod = (typeof CALENDAR_PERIODS)[number]

/** Behind UTC, no zone is further than this. */
const ZONE_OFFSET_MAX_SECONDS = 16 * 3600

/** Seconds since 1970 at which the period around `epochSeconds` ends. Throws PolicyFault for a zone that this program does not know. */
export function endOfCalendarPeriod(epochSeconds: number, period: CalendarPeriod, timezone: string): number {
  const next = firstDayAfter(readWallClock(epochSeconds * 1000, timezone), period)
  const isReached = (seconds: number) => {
    const { year, month, day } = readWallClock(seconds * 1000, timezone)
    return formatDate([year, month, day]) >= formatDate(next)
  }
  // Midnight does not exist in every zone on every day, so the first second of the next period is searched for.
  let before = Math.floor(epochSeconds)
  let reached = Date.UTC(next[0], next[1] - 1, next[2]) / 1000 + ZONE_OFFSET_MAX_SECONDS
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (isReached(middle)) reached = middle
    else before = middle
  }
  return reached
}

function firstDayAfter({ year, month, day }: Pick<WallClock, 'year' | 'month' | 'day'>, period: CalendarPeriod): CalendarDate {
  switch (period) {
    case 'day':
      return dayAfter([year, month, day])
    case 'week':
      return dayAfter([year, month, day + WEEKDAYS.length - 1 - WEEKDAYS.indexOf(weekdayOf({ year, month, day }))])
    case 'month':
      return month === 12 ? [year + 1, 1, 1] : [year, month + 1, 1]
    case 'year':
      return [year + 1, 1, 1]
  }
}
