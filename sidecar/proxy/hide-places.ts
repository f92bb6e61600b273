// Takes places out of a JSON text (obligation `hide`). All other bytes stay as they were; a text that cannot be looked through is refused, never shown.
import { err, ok, type Result } from '../../protocol/result.ts'
import { cutJson, type PlacePath } from './cut-json.ts'

/** The small form of RFC 9535: name and wildcard selectors, e.g. `$.a.b`, `$.a[*].b`, `$['a b']`. Undefined for anything else. */
export function parsePlacePath(text: string): PlacePath | undefined {
  if (!text.startsWith('$')) return undefined
  const path: (string | null)[] = []
  let rest = text.slice(1)
  while (rest !== '') {
    const found = SELECTOR.exec(rest)
    if (found === null) return undefined
    const [whole, dotted, single, double] = found
    path.push(dotted ?? single ?? double ?? null)
    rest = rest.slice(whole.length)
  }
  return path.length === 0 ? undefined : path
}

const SELECTOR = /^(?:\.([\p{L}_][\p{L}\p{N}_-]*)|\['([^'\\]+)'\]|\["([^"\\]+)"\]|\.\*|\[\*\])/u

/** Refuses if a path or the text cannot be read. An empty body has nothing to hide. */
export function hidePlaces(body: Buffer, places: readonly string[]): Result<Buffer, 'cannot_hide'> {
  if (body.length === 0) return ok(body)
  const paths: PlacePath[] = []
  for (const place of places) {
    const path = parsePlacePath(place)
    if (path === undefined) return err('cannot_hide')
    paths.push(path)
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    JSON.parse(text)
    return ok(Buffer.from(cutJson(text, paths)))
  } catch {
    return err('cannot_hide')
  }
}

const JSON_TYPE = /^application\/(?:[a-z0-9.!#$&^_+-]+\+)?json(?:\s*;\s*charset="?utf-8"?)?\s*$/i

/** One JSON type, in UTF-8, without an encoding on top. */
export function isHideable(headers: readonly Buffer[]): boolean {
  let type: string | undefined
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]?.toString('latin1').toLowerCase()
    const value = headers[index + 1]?.toString('latin1').trim() ?? ''
    if (name === 'content-encoding' && value.toLowerCase() !== 'identity') return false
    if (name === 'content-range') return false
    if (name !== 'content-type') continue
    if (type !== undefined) return false
    type = value
  }
  return type !== undefined && JSON_TYPE.test(type)
}
