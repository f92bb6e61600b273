// Dates and instants as texts (RFC 3339), checked to exist in the calendar. It reads no clock.

/** The years that every part of the engine counts in; zone offsets are whole minutes in all of them. */
export const FIRST_YEAR = 2000
export const LAST_YEAR = 2199

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/

export type CalendarDate = readonly [year: number, month: number, day: number]

/** An instant in UTC with milliseconds, or a whole day on the clock of a zone. */
export type When = { readonly instant: string } | { readonly date: CalendarDate; readonly timezone: string }

export function parseDate(text: string): CalendarDate | undefined {
  const match = DATE.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const inRange = year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12
  return inRange && day >= 1 && day <= daysOfMonth(year, month) ? [year, month, day] : undefined
}

export function formatDate([year, month, day]: CalendarDate): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

export function dayAfter([year, month, day]: CalendarDate): CalendarDate {
  const next = new Date(Date.UTC(year, month - 1, day + 1))
  return [next.getUTCFullYear(), next.getUTCMonth() + 1, next.getUTCDate()]
}

// Years 2000 to 2199, one length, every part but the day of the month checked. Asked at each decision, so it must be quick.
const UTC_TEXT = /^2[01]\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const UP_TO_28TH = /^.{8}(?:[01]|2[0-8])/

/** RFC 3339 with an offset, to UTC with milliseconds (`2026-12-31T17:00:00.000Z`); undefined where it is none. */
export function parseInstant(text: string): string | undefined {
  const match = INSTANT.exec(text)
  if (match === null || parseDate(match[1] ?? '') === undefined) return undefined
  if (Number(match[2]) > 23 || Number(match[3]) > 59 || Number(match[4]) > 59 || !isOffset(match[6] ?? '')) return undefined
  return toUtcText(Date.parse(text))
}

function isOffset(text: string): boolean {
  return text === 'Z' || (Number(text.slice(1, 3)) <= 14 && Number(text.slice(4)) <= 59)
}

/** The one form in which instants are compared as texts. */
export function toUtcText(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** Is it an instant in that one form? Such texts sort as the instants do. */
export function isUtcText(text: string): boolean {
  return UTC_TEXT.test(text) && (UP_TO_28TH.test(text) || parseDate(text.slice(0, 10)) !== undefined)
}

export const DAY_MILLISECONDS = 86_400_000

function daysOfMonth(year: number, month: number): number {
  const nextYear = month === 12 ? year + 1 : year
  const nextMonth = month === 12 ? 1 : month + 1
  return Math.round((Date.UTC(nextYear, nextMonth - 1, 1) - Date.UTC(year, month - 1, 1)) / DAY_MILLISECONDS)
}
