// Names of members that surely hold a number, a time or a position in English APIs: a rule that treats one as something else could never be carried out.
import { parsePath } from './path.ts'

type ValueKind = 'number' | 'position' | 'time'

const NUMBERS =
  /^(?:lat|latitude|lon|lng|long|longitude|mileage|odometer|distance|range|speed|velocity|altitude|elevation|height|depth|length|width|weight|mass|volume|radius|temperature|temp|humidity|pressure|battery|level|fuel|power|energy|voltage|current|frequency|hz|count|total|amount|price|age|steps|rpm|percent|percentage)$/
const POSITIONS = /^(?:position|coordinates|coords|geo|geopoint|geolocation|gps|latlng|latlon|lnglat)$/
const UNITS = /(?:[-_]?(?:km|m|mi|miles|meters|metres|kmh|kph|mph|celsius|fahrenheit|percent|pct|kg|kwh|hz|volts|watts))$/

/** By the last name of the path; undefined where the name does not say. */
export function valueKindOf(path: string): ValueKind | undefined {
  const last = parsePath(path)?.at(-1)?.step
  if (typeof last !== 'string') return undefined
  const word = last.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  if (NUMBERS.test(word) || NUMBERS.test(word.split(/[-_]/).at(-1) ?? '') || NUMBERS.test(word.replace(UNITS, ''))) return 'number'
  return POSITIONS.test(word) ? 'position' : undefined
}
