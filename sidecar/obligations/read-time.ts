// Times as they stand in JSON answers: RFC 3339 texts, seconds or milliseconds since 1970. Whatever is not surely one of these is no time.
import { type JsonNode, readNumber } from './json-text.ts'

export interface ReadTime {
  /** Since 1970. */
  readonly milliseconds: number
  readonly form: 'text' | 'seconds' | 'milliseconds'
}

/** As seconds this is the year 5138, as milliseconds 1973: no time of a device is near either. */
const SECONDS_MAX = 100_000_000_000
/** The end of the year 9999, and far below what microseconds of our days would be. */
const MILLISECONDS_MAX = 253_402_300_799_999
const RFC_3339 = /^([1-9]\d{3})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,12}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/

export function readTime(node: JsonNode): ReadTime | undefined {
  if (node.kind !== 'scalar') return undefined
  if (node.text.startsWith('"')) {
    const milliseconds = readText(JSON.parse(node.text) as string)
    return milliseconds === undefined || milliseconds > MILLISECONDS_MAX ? undefined : { milliseconds, form: 'text' }
  }
  const value = readNumber(node)
  if (value === undefined || value < 0 || value > MILLISECONDS_MAX) return undefined
  return value < SECONDS_MAX ? { milliseconds: value * 1000, form: 'seconds' } : { milliseconds: value, form: 'milliseconds' }
}

/** As a JSON string: RFC 3339 in UTC, in whole seconds. */
export function writeTime(milliseconds: number): string {
  return `"${new Date(milliseconds).toISOString().slice(0, 19)}Z"`
}

function readText(text: string): number | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const midnight = new Date(Date.UTC(year, month - 1, day))
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined
  const ahead = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * (match[8] === '-' ? -1 : 1)
  // What is finer than a millisecond is cut off: rounded up, it would be another second.
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  return midnight.getTime() + (hour * 60 + minute - ahead) * 60_000 + second * 1000 + milliseconds
}
