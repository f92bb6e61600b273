// Clock times and time zones as people write them in a rule. No clock of its own: it reads texts.
import { didYouMean } from '../suggest.ts'
import type { Mistake } from './condition-kind.ts'

/** A clock time of each day, as minutes since local midnight, 0 to 1440. */
export type MinuteOfDay = number

/** `08:00` to minutes since midnight; undefined where it is none. `24:00` is the end of the day. */
export function parseClock(text: string): MinuteOfDay | undefined {
  const match = /^(\d{2}):(\d{2})$/.exec(text)
  if (match === null) return undefined
  const [hours, minutes] = [Number(match[1]), Number(match[2])]
  const fits = (hours < 24 && minutes < 60) || (hours === 24 && minutes === 0)
  return fits ? hours * 60 + minutes : undefined
}

export function formatClock(minute: MinuteOfDay): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Undefined where the zone is known under exactly this name. Offsets such as `+01:00` are no zones: they know no summer time. */
export function checkTimezone(name: string): Mistake | undefined {
  const listed = Intl.supportedValuesOf('timeZone')
  if (listed.includes(name) || (isZoneSpelling(name) && resolves(name))) return undefined
  return { code: 'unknown_timezone', message: `"${name}" is not an IANA time zone such as Europe/Paris.${didYouMean(name, listed)}` }
}

// Links such as Asia/Kolkata are not in the list of every version. The look-up ignores case, zone files do not: the spelling must be the usual one.
function isZoneSpelling(name: string): boolean {
  return name === 'UTC' || /^[A-Z][A-Za-z]+(?:\/[A-Z][A-Za-z0-9_+-]*){1,2}$/.test(name)
}

function resolves(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
