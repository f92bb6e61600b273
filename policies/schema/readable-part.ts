// What is left of a document that the schema refuses: harmless values where it refuses something, so that the rest is read and its mistakes are reported too.
import type { ErrorObject } from 'ajv'
import type { Complaint } from '../diagnostic.ts'
import { childPointer, type YamlText } from '../yaml/read-yaml.ts'

const PARTIES = { '*/who': ['anyone-signed-in'], '*/who/*': 'anyone-signed-in', '*/what': ['everything'], '*/what/*': 'everything' }
const RULE = { ...PARTIES, '*/name': 'unreadable', '*/may': ['everything'], '*/may/*': 'everything', '*/until': '2199-12-31T00:00:00Z' }
const SHARED = { '*/for': '1 day', '*/remind': '1 week', '*/hide': ['unreadable'], '*/only_fields': ['unreadable'], '*/round': { unreadable: 1 } }
const QUESTION = { '*/who': 'anyone-signed-in', '*/what': 'everything', '*/may': 'everything', '*/answer': 'deny' }
const LISTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  shares: { ...RULE, ...SHARED, '*': { name: 'unreadable', who: ['anyone-signed-in'], what: ['everything'], may: ['everything'] } },
  block: { ...RULE, '*': { what: ['everything'] } },
  pause: { ...RULE, '*': { what: ['everything'] } },
  guardrails: { ...RULE, '*': { name: 'unreadable', what: ['everything'], may: ['everything'] } },
  expect: { ...QUESTION, '*': { who: 'anyone-signed-in', what: 'everything', may: 'everything', answer: 'deny' } },
  people: { '*': 'unreadable@example.test', '*/*': 'unreadable@example.test' },
  things: { '*': 'unreadable', '*/*': 'unreadable' },
  places: { '*': ['192.0.2.0/24'], '*/*': '192.0.2.0/24' },
  calendars: { '*': '2026-01-01', '*/*': '2026-01-01' },
}

/** By pointer. Where there is none, the member is removed. */
const STAND_INS: ReadonlyMap<string, unknown> = new Map([
  ['/version', 1],
  ['/guardrails', [{ name: 'unreadable', what: ['everything'], may: ['everything'] }]],
  ...Object.entries(LISTS).flatMap(([list, values]) => Object.entries(values).map(([path, value]) => [`/${list}/${path}`, value] as const)),
])

type Errors = readonly ErrorObject[]

/** A copy in which no place of the errors holds what it held; undefined where the document is not a map. */
export function readablePart(value: unknown, errors: Errors): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const copy = structuredClone(value)
  for (const error of errors) {
    const path = placeOf(error).split('/').slice(1).map(unescapeName)
    const known = isUnknownKey(error) ? undefined : findStandIn(path)
    if (known === undefined) remove(copy, path)
    else holderOf(copy, known.path, (holder, last) => Reflect.set(holder, last, structuredClone(known.value)))
  }
  return copy
}

function isUnknownKey({ keyword }: ErrorObject): boolean {
  return keyword === 'additionalProperties'
}

/** The place that is wrong: of a key that is unknown or missing, the key. */
function placeOf(error: ErrorObject): string {
  if (isUnknownKey(error)) return childPointer(error.instancePath, error.params['additionalProperty'])
  return error.keyword === 'required' ? childPointer(error.instancePath, error.params['missingProperty']) : error.instancePath
}

/** Of the place, or of the value in which it is: list, number and key of a rule, list and name of people. */
function findStandIn(path: readonly string[]): { readonly path: readonly string[]; readonly value: unknown } | undefined {
  const shortest = Math.min(path.length, NAMES_OF.has(path[0] ?? '') ? 2 : 3)
  for (let length = path.length; length >= shortest; length -= 1) {
    const part = path.slice(0, length)
    const pattern = `/${part.map((name, depth) => (depth === 1 || (depth > 1 && /^\d+$/.test(name)) ? '*' : name)).join('/')}`
    if (STAND_INS.has(pattern)) return { path: part, value: STAND_INS.get(pattern) }
  }
  return undefined
}

/** Later items of a list must keep their numbers, so a list goes as a whole. */
function remove(root: object, path: readonly string[]): void {
  holderOf(root, path, (holder, last) => {
    if (Array.isArray(holder)) remove(root, path.slice(0, -1))
    else Reflect.deleteProperty(holder, last)
  })
}

function holderOf(root: object, path: readonly string[], change: (holder: object, last: string) => void): void {
  let holder: unknown = root
  for (const name of path.slice(0, -1)) holder = memberOf(holder, name)
  const last = path.at(-1)
  if (last !== undefined && typeof holder === 'object' && holder !== null) change(holder, last)
}

function memberOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name) ? (holder as Readonly<Record<string, unknown>>)[name] : undefined
}

function unescapeName(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Complaints about the readable part that may only be there because of what was replaced. */
export function isFollowUp(errors: Errors, yaml: YamlText): (complaint: Complaint) => boolean {
  const expected = new Set(errors.flatMap((error) => [...codesAfter(error), ...placesAfter(error, yaml)]))
  return ({ code, offset }) => expected.has(code) || expected.has(`${code} ${offset}`)
}

function codesAfter(error: ErrorObject): readonly Complaint['code'][] {
  const [, list = '', ...rest] = placeOf(error).split('/')
  const isUnknown = isUnknownKey(error)
  const names = [...NAMES_OF].flatMap(([part, code]) => (list === part || (isUnknown && rest.length === 0) ? [code] : []))
  return isUnknown || list === 'defaults' || [list, ...rest].at(-1) === 'timezone' ? [...names, 'timezone_missing'] : names
}

/** Code and offset. */
function placesAfter(error: ErrorObject, yaml: YamlText): readonly string[] {
  const [, list = '', index, key = ''] = placeOf(error).split('/')
  if (index === undefined) return []
  const entry = `/${list}/${index}`
  const isUnknown = isUnknownKey(error)
  const effects = isUnknown ? Object.values(KEYS_THAT_NEED).flat() : Object.hasOwn(KEYS_THAT_NEED, key) ? (KEYS_THAT_NEED[key] ?? []) : []
  const found = effects.flatMap((effect) => [`bad_value ${yaml.keyOffset(`${entry}/${effect}`)}`, `bad_value ${yaml.offset(`${entry}/${effect}`)}`])
  if (isUnknown) found.push(`missing_key ${yaml.offset(entry)}`)
  if (isUnknown || key === 'until' || key === 'for') found.push(`link_without_end ${yaml.offset(`${entry}/who`)}`)
  return found
}

/** The lists of names, and what is said of a name that is in none of them. */
const NAMES_OF: ReadonlyMap<string, Complaint['code']> = new Map([
  ['people', 'unknown_who'],
  ['places', 'unknown_place'],
  ['calendars', 'unknown_calendar'],
  ['things', 'unknown_what'],
])

/** By key of a rule: those that are refused without it. */
const KEYS_THAT_NEED: Readonly<Record<string, readonly string[]>> = {
  until: ['remind'],
  hide: ['other_answers', 'must'],
  only_fields: ['other_answers', 'must'],
  round: ['must'],
  require: ['require'],
}
