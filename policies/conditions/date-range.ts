// Days and ranges of days as owners write them: `2026-12-25`, `2026-12-24 to 2027-01-02`. It reads no clock.
import { err, ok, type Result } from '../result.ts'
import type { Mistake } from './condition-kind.ts'
import { type CalendarDate, formatDate, parseDate } from './instant.ts'

/** Both included. */
export type DateRange = readonly [first: CalendarDate, last: CalendarDate]

const RANGE = /^(\S+)(?: to |\.\.| ?\/ ?)(\S+)$/

/** Undefined for anything else, a range that ends before it begins included. */
export function parseDateRange(text: string): DateRange | undefined {
  const [, start = text, end = start] = RANGE.exec(text) ?? []
  const [first, last] = [parseDate(start), parseDate(end)]
  return first !== undefined && last !== undefined && formatDate(first) <= formatDate(last) ? [first, last] : undefined
}

/** Could it be the name of a calendar? What begins like a date is a mistyped one. */
export function isCalendarName(word: string): boolean {
  return !/^\d{2,4}[-./]/.test(word) && !RANGE.test(word)
}

/** Of a calendar. */
export function readDateRanges(words: readonly string[]): Result<readonly DateRange[], Mistake> {
  const ranges: DateRange[] = []
  for (const word of words) {
    const range = parseDateRange(word)
    if (range === undefined)
      return err({ code: 'bad_date', message: `"${word}" is not a day such as 2026-12-25 and not a range such as 2026-12-24 to 2027-01-02.` })
    ranges.push(range)
  }
  return ok(ranges)
}
