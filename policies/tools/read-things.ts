// What a household has, from a file of JSON (`--things`). It reads text; it opens no file.
import { err, ok, type Result } from '../result.ts'
import type { KnownThing } from './tool-result.ts'

/** One registry of a large household. */
const THINGS_MAX = 10_000
const REMEDY = 'write a list of things such as [{"key": "guitar-0042", "type": "smart-guitar", "tags": ["studio"], "scopes": ["play", "read"]}]'

/** A sentence with its remedy where it is none. */
export function readThings(text: string): Result<readonly KnownThing[], string> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return err(`is no JSON (${error instanceof Error ? error.message : 'unknown reason'}); ${REMEDY}`)
  }
  if (!Array.isArray(value)) return err(`is no list; ${REMEDY}`)
  if (value.length > THINGS_MAX) return err(`has more than ${THINGS_MAX} things; give those that the rules speak of`)
  const things: KnownThing[] = []
  const seen = new Set<string>()
  for (const [index, one] of value.entries()) {
    const thing = readThing(one)
    if (thing === undefined) return err(`thing ${index + 1} is none: "key" is needed, "type" is a text, "tags" and "scopes" are lists of texts; ${REMEDY}`)
    if (seen.has(thing.key)) return err(`thing ${index + 1} has the key ${JSON.stringify(thing.key)} a second time; keep one`)
    seen.add(thing.key)
    things.push(thing)
  }
  return ok(things)
}

function readThing(value: unknown): KnownThing | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { key, type = '', tags = [], scopes = [] } = value as Readonly<Record<string, unknown>>
  if (typeof key !== 'string' || key === '' || typeof type !== 'string' || !isTexts(tags) || !isTexts(scopes)) return undefined
  return { key, type, tags, scopes }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
