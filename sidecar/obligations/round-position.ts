// A position becomes the middle of its cell in a grid over the earth. No cell is smaller than the step in either direction, at the poles and at the date line too.
import { type JsonArray, type JsonNode, type JsonObject, type JsonScalar, readNumber } from './json-text.ts'

/** The least that a degree has anywhere, along a meridian or the equator (WGS 84: a degree of latitude at the equator). */
const METRES_PER_DEGREE = 110_574
/** About 0.1 m. */
const DEGREE_DECIMALS = 6
const LATITUDE_NAMES = new Set(['lat', 'latitude'])
const LONGITUDE_NAMES = new Set(['lon', 'lng', 'long', 'longitude'])

/** Changes the node: an object with latitude and longitude, a point of RFC 7946, or its coordinates [longitude, latitude]. False for what is none of these. */
export function roundPosition(node: JsonNode, stepMetres: number): boolean {
  if (node.kind === 'scalar') return false
  if (node.kind === 'array') return roundCoordinates(node, stepMetres)
  const latitudes = node.members.filter(({ name }) => LATITUDE_NAMES.has(name.toLowerCase()))
  const longitudes = node.members.filter(({ name }) => LONGITUDE_NAMES.has(name.toLowerCase()))
  if (latitudes.length === 1 && longitudes.length === 1) return roundPair(latitudes[0]?.value, longitudes[0]?.value, stepMetres)
  return latitudes.length === 0 && longitudes.length === 0 && roundPoint(node, stepMetres)
}

function roundPoint(node: JsonObject, stepMetres: number): boolean {
  const isPoint = node.members.some(({ name, value }) => name === 'type' && value.kind === 'scalar' && value.text === '"Point"')
  const place = node.members.find(({ name }) => name === 'coordinates')?.value
  if (!isPoint || place?.kind !== 'array') return false
  // A bounding box of a point is the point.
  node.members = node.members.filter(({ name }) => name !== 'bbox')
  return roundCoordinates(place, stepMetres)
}

function roundCoordinates(node: JsonArray, stepMetres: number): boolean {
  const [longitude, latitude, , ...more] = node.items
  if (more.length > 0) return false
  // The height would tell the place again.
  node.items = node.items.slice(0, 2)
  return roundPair(latitude, longitude, stepMetres)
}

function roundPair(latitude: JsonNode | undefined, longitude: JsonNode | undefined, stepMetres: number): boolean {
  if (latitude?.kind !== 'scalar' || longitude?.kind !== 'scalar') return false
  // A device that does not know where it is.
  if (latitude.text === 'null' && longitude.text === 'null') return true
  const [lat, lon] = [readNumber(latitude), readNumber(longitude)]
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180) return false
  const stepDegrees = stepMetres / METRES_PER_DEGREE
  const row = findCell(lat + 90, 180, Math.floor(180 / stepDegrees))
  // Cells are as wide as the step at their side nearer to the pole, where a degree is shortest.
  const widest = Math.max(Math.abs(row.from - 90), Math.abs(row.to - 90))
  const column = findCell(lon + 180, 360, Math.floor((360 * Math.cos((widest * Math.PI) / 180)) / stepDegrees))
  write(latitude, (row.from + row.to) / 2 - 90)
  write(longitude, (column.from + column.to) / 2 - 180)
  return true
}

/** The cell of `whole` cut into that many equal ones, at least one. */
function findCell(at: number, whole: number, count: number): { readonly from: number; readonly to: number } {
  const size = whole / Math.max(1, count)
  const index = Math.min(Math.max(1, count) - 1, Math.floor(at / size))
  return { from: index * size, to: (index + 1) * size }
}

function write(node: JsonScalar, degrees: number): void {
  const text = Number(degrees.toFixed(DEGREE_DECIMALS))
  node.text = String(text === 0 ? 0 : text)
}
