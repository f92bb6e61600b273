// What the clock on the wall of a time zone shows at an instant, by the zone data of this program. It reads no clock.
import { PolicyFault } from '../runtime/policy-fault.ts'
import { WEEKDAYS, type Weekday } from './weekdays.ts'

export interface WallClock {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

interface Zone {
  readonly format: Intl.DateTimeFormat
  milliseconds: number
  local: WallClock | undefined
}

// A formatter costs far more than its use. Names come from rules that were checked against the list of zones, so there are few.
const zones = new Map<string, Zone>()

/** `milliseconds` since 1970, UTC. Throws PolicyFault for a zone that this program does not know. */
export function readWallClock(milliseconds: number, timezone: string): WallClock {
  const zone = findZone(timezone)
  // One decision asks for several parts of the same instant.
  if (zone.local === undefined || zone.milliseconds !== milliseconds) {
    zone.local = readParts(zone.format, milliseconds)
    zone.milliseconds = milliseconds
  }
  return zone.local
}

export function weekdayOf({ year, month, day }: Pick<WallClock, 'year' | 'month' | 'day'>): Weekday {
  const days = Math.floor(Date.UTC(year, month - 1, day) / 86_400_000)
  // 1970-01-01 was a Thursday.
  return WEEKDAYS[(days + 3) % 7] as Weekday
}

export function minuteOf({ hour, minute }: Pick<WallClock, 'hour' | 'minute'>): number {
  return hour * 60 + minute
}

export function isKnownZone(name: string): boolean {
  try {
    return findZone(name) !== undefined
  } catch {
    return false
  }
}

function findZone(name: string): Zone {
  const known = zones.get(name)
  if (known !== undefined) return known
  try {
    const zone: Zone = { format: new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone: name }), milliseconds: Number.NaN, local: undefined }
    zones.set(name, zone)
    return zone
  } catch (cause) {
    throw new PolicyFault('time: this program does not know the time zone of a rule', { cause })
  }
}

const PARTS = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const

// `en-US` writes month/day/year, hour:minute:second; a test compares it with OPA over all zones.
const WRITTEN = /^(\d{2})\/(\d{2})\/(\d{4}), (\d{2}):(\d{2}):(\d{2})$/

function readParts(format: Intl.DateTimeFormat, milliseconds: number): WallClock {
  const match = WRITTEN.exec(format.format(milliseconds))
  if (match === null) throw new PolicyFault('time: the local time could not be read')
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return { year, month, day, hour, minute, second }
}
