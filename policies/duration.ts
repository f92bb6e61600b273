// Spans of time as people write them in a rule: "15 min", "2 h", "3 days". It reads no clock.

const UNITS_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  second: 1,
  seconds: 1,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
  day: 86_400,
  days: 86_400,
  week: 604_800,
  weeks: 604_800,
}

/** The longest span of a rule. */
export const DURATION_MAX_SECONDS = 10 * 366 * 86_400
export const DURATION_WORDS = 'such as 15 min, 2 h, 3 days or 1 week'

/** Whole seconds, at least 1; undefined where the text is no span. A unit alone is one of it. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:([1-9]\d{0,8}) ?)?([a-z]+)$/.exec(text)
  if (match === null || !Object.hasOwn(UNITS_SECONDS, match[2] ?? '')) return undefined
  const seconds = Number(match[1] ?? 1) * (UNITS_SECONDS[match[2] ?? ''] ?? 0)
  return seconds <= DURATION_MAX_SECONDS ? seconds : undefined
}

/** In the largest unit that divides it; `parseDuration` reads it back. */
export function formatDuration(seconds: number): string {
  for (const [unit, plural, length] of LARGEST_FIRST) {
    if (seconds % length === 0) return `${seconds / length} ${seconds === length ? unit : plural}`
  }
  return `${seconds} s`
}

const LARGEST_FIRST = [
  ['week', 'weeks', 604_800],
  ['day', 'days', 86_400],
  ['h', 'h', 3600],
  ['min', 'min', 60],
] as const
