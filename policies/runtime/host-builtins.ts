// The builtins of Rego that a WASM module asks of its host: OPA's time functions, on the zone data of this program. They read no clock.
import { isUtcText } from '../conditions/instant.ts'
import { PolicyFault } from './policy-fault.ts'

/** Whatever is not in here, and not in the module itself, is refused when the module is loaded. Each throws rather than answer undefined. */
export const HOST_BUILTINS: Readonly<Record<string, (...operands: readonly unknown[]) => unknown>> = {
  'time.parse_rfc3339_ns': (text) => {
    if (typeof text !== 'string' || !isUtcText(text)) throw new PolicyFault('time.parse_rfc3339_ns: not an instant in UTC with milliseconds')
    // Whole milliseconds have at most 13 digits before the zeros, so the number survives JSON on both sides.
    return Date.parse(text) * NANOSECONDS
  },
  'time.clock': (at) => {
    const { hour, minute, second } = localTime(at)
    return [hour, minute, second]
  },
  'time.date': (at) => {
    const { year, month, day } = localTime(at)
    return [year, month, day]
  },
  'time.weekday': (at) => {
    const { year, month, day } = localTime(at)
    const days = Math.floor(Date.UTC(year, month - 1, day) / 86_400_000)
    return DAY_NAMES[(days + 4) % 7]
  },
}

const NANOSECONDS = 1_000_000
// 1970-01-01 was a Thursday.
const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

interface LocalTime {
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
  local: LocalTime | undefined
}

// A formatter costs far more than its use. Names come from modules that were checked against the list of zones, so there are few.
const zones = new Map<string, Zone>()

function localTime(at: unknown): LocalTime {
  if (!Array.isArray(at) || typeof at[0] !== 'number' || typeof at[1] !== 'string') throw new PolicyFault('time: the operand is no [nanoseconds, zone]')
  const zone = findZone(at[1])
  const milliseconds = Math.round(at[0] / NANOSECONDS)
  // One decision asks for several parts of the same instant.
  if (zone.local === undefined || zone.milliseconds !== milliseconds) {
    zone.local = readParts(zone.format, milliseconds)
    zone.milliseconds = milliseconds
  }
  return zone.local
}

function findZone(name: string): Zone {
  const known = zones.get(name)
  if (known !== undefined) return known
  try {
    const format = new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone: name })
    const zone: Zone = { format, milliseconds: Number.NaN, local: undefined }
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

function readParts(format: Intl.DateTimeFormat, milliseconds: number): LocalTime {
  const match = WRITTEN.exec(format.format(milliseconds))
  if (match === null) throw new PolicyFault('time: the local time could not be read')
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return { year, month, day, hour, minute, second }
}
