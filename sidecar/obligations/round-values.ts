// `round`: numbers, positions and times made coarser. A value that is none of these is not passed on as it is: the answer is refused.
import type { RoundObligation } from '../../policies/contract/obligations.ts'
import type { JsonMember, JsonNode, JsonObject, JsonScalar } from './json-text.ts'

/** Of one degree of latitude, or of longitude at the equator (WGS 84, mean). */
const METRES_PER_DEGREE = 111_320
/** So near the pole a grid in metres has no longitudes. */
const POLE_COSINE = 0.01
const DEGREE_DECIMALS = 6
const LATITUDE_NAMES = new Set(['lat', 'latitude'])
const LONGITUDE_NAMES = new Set(['lon', 'lng', 'long', 'longitude'])

/** Changes the node. False where it cannot be rounded. Null says nothing, and stays. */
export function roundValue(node: JsonNode, { of, step }: RoundObligation): boolean {
  if (node.kind === 'scalar' && node.text === 'null') return true
  if (of === 'position') return roundPosition(node, step)
  if (node.kind !== 'scalar') return false
  return of === 'number' ? roundNumber(node, step) : roundTime(node, step)
}

function roundNumber(node: JsonScalar, step: number): boolean {
  const value = readNumber(node)
  if (value === undefined) return false
  node.text = plainNumber(toMultiple(value, step))
  return true
}

function readNumber({ text }: JsonScalar): number | undefined {
  const value = /^[-0-9]/.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** Without the dust of binary fractions: as many decimals as the step has. */
function toMultiple(value: number, step: number): number {
  const decimals = Math.min(100, decimalsOf(step))
  return Number((Math.round(value / step) * step).toFixed(decimals))
}

function decimalsOf(step: number): number {
  const [mantissa = '', exponent = '0'] = String(step).split('e')
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent))
}

function plainNumber(value: number): string {
  return String(value === 0 ? 0 : value)
}

/** Down to the step, counted from 1970 in UTC. The form stays: a text of RFC 3339, seconds, or milliseconds. */
function roundTime(node: JsonScalar, stepSeconds: number): boolean {
  const time = readTime(node)
  if (time === undefined) return false
  const floored = Math.floor(time.milliseconds / (stepSeconds * 1000)) * stepSeconds * 1000
  node.text =
    time.form === 'text' ? JSON.stringify(`${new Date(floored).toISOString().slice(0, 19)}Z`) : String(time.form === 'seconds' ? floored / 1000 : floored)
  return true
}

export interface ReadTime {
  readonly milliseconds: number
  readonly form: 'text' | 'seconds' | 'milliseconds'
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/
/** As seconds this is the year 5138, as milliseconds 1973: no time of a device is near either. */
const SECONDS_MAX = 100_000_000_000
const MILLISECONDS_MAX = 8_640_000_000_000_000

/** Undefined for what is no time. */
export function readTime(node: JsonNode): ReadTime | undefined {
  if (node.kind !== 'scalar') return undefined
  if (node.text.startsWith('"')) {
    const text = JSON.parse(node.text) as string
    const milliseconds = RFC_3339.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN
    return Number.isNaN(milliseconds) ? undefined : { milliseconds, form: 'text' }
  }
  const value = readNumber(node)
  if (value === undefined || value < 0 || value > MILLISECONDS_MAX) return undefined
  return value < SECONDS_MAX ? { milliseconds: value * 1000, form: 'seconds' } : { milliseconds: value, form: 'milliseconds' }
}

/** An object with latitude and longitude, a point of RFC 7946, or its coordinates [longitude, latitude]. */
function roundPosition(node: JsonNode, stepMetres: number): boolean {
  if (node.kind === 'scalar') return false
  if (node.kind === 'array') return roundCoordinates(node, stepMetres)
  const latitudes = node.members.filter(({ name }) => LATITUDE_NAMES.has(name.toLowerCase()))
  const longitudes = node.members.filter(({ name }) => LONGITUDE_NAMES.has(name.toLowerCase()))
  if (latitudes.length === 1 && longitudes.length === 1) return roundPair(latitudes[0]?.value, longitudes[0]?.value, stepMetres)
  return latitudes.length === 0 && longitudes.length === 0 && roundPoint(node, stepMetres)
}

function roundPoint(node: JsonObject, stepMetres: number): boolean {
  const isPoint = node.members.some(({ name, value }) => name === 'type' && value.kind === 'scalar' && value.text === '"Point"')
  const places: readonly JsonMember[] = node.members.filter(({ name }) => name === 'coordinates')
  const [place] = places
  if (!isPoint || places.length !== 1 || place === undefined) return false
  // A bounding box of a point is the point.
  node.members = node.members.filter(({ name }) => name !== 'bbox')
  return place.value.kind === 'array' && roundCoordinates(place.value, stepMetres)
}

function roundCoordinates(node: Extract<JsonNode, { readonly kind: 'array' }>, stepMetres: number): boolean {
  const [longitude, latitude, , ...more] = node.items
  if (more.length > 0) return false
  // The height would tell the place again.
  node.items = node.items.slice(0, 2)
  return roundPair(latitude, longitude, stepMetres)
}

function roundPair(latitude: JsonNode | undefined, longitude: JsonNode | undefined, stepMetres: number): boolean {
  if (latitude?.kind !== 'scalar' || longitude?.kind !== 'scalar') return false
  const [lat, lon] = [readNumber(latitude), readNumber(longitude)]
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180) return false
  const step = stepMetres / METRES_PER_DEGREE
  const snapped = Math.max(-90, Math.min(90, Math.round(lat / step) * step))
  const cosine = Math.cos((snapped * Math.PI) / 180)
  const stepAcross = step / cosine
  const across = cosine < POLE_COSINE || stepAcross > 180 ? 0 : Math.round(lon / stepAcross) * stepAcross
  latitude.text = plainNumber(Number(snapped.toFixed(DEGREE_DECIMALS)))
  longitude.text = plainNumber(Number(Math.max(-180, Math.min(180, across)).toFixed(DEGREE_DECIMALS)))
  return true
}
