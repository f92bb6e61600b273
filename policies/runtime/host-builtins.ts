// The builtins of Rego that a WASM module asks of its host: OPA's time functions, on the zone data of this program. They read no clock.
import { isUtcText } from '../conditions/instant.ts'
import { readWallClock, type WallClock, weekdayOf } from '../conditions/wall-clock.ts'
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
    return DAY_NAMES[weekdayOf(localTime(at))]
  },
}

const NANOSECONDS = 1_000_000
const DAY_NAMES = { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' } as const

function localTime(at: unknown): WallClock {
  if (!Array.isArray(at) || typeof at[0] !== 'number' || typeof at[1] !== 'string') throw new PolicyFault('time: the operand is not [nanoseconds, zone]')
  return readWallClock(Math.round(at[0] / NANOSECONDS), at[1])
}
