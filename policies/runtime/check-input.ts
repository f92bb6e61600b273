// The question, checked to the last field before a module sees it, and cut to what rules can read. It decides nothing.

import { isUtcText } from '../conditions/instant.ts'
import { minuteOf, readWallClock, weekdayOf } from '../conditions/wall-clock.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { ModuleNeeds } from '../rego/close-module.ts'
import { INPUT_FIELDS, type InputField } from '../rego/read-fields.ts'
import { PolicyFault } from './policy-fault.ts'

/** Real inputs are under 2 KiB; work and memory grow with this. */
export const INPUT_MAX_BYTES = 64 * 1024
const TAGS_MAX = 100
const ATTRIBUTES_MAX = 100

const BUFFER_STEP_BYTES = 64
const BUFFER_KEPT_BYTES = 2048
const SPACE = 0x20
const encoder = new TextEncoder()
const kept = new Map<number, Uint8Array<ArrayBuffer>>()
// An escape, not a backslash that is itself escaped.
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/

/** For modules that do not say what they need. */
const ALL_NEEDS: ModuleNeeds = { fields: INPUT_FIELDS, zones: [] }

/** JSON of what the module needs; throws where any field of the contract is missing or of a wrong type, needed or not. */
export function encodeInput(input: DecisionInput, { fields, zones }: ModuleNeeds = ALL_NEEDS): ArrayBuffer {
  const checked = checkShape(input)
  const picked = JSON.stringify(pick(checked, fields))
  const text = zones.length === 0 ? picked : `${picked.slice(0, -1)},"local":{${localTimes(checked.now, zones)}}}`
  // A lone surrogate would become another text on its way through UTF-8; JSON writes it, and nothing else of these letters, as an escape.
  if (text.includes('\\ud') && LONE_SURROGATE.test(text)) throw new PolicyFault('a string in the input is not valid Unicode')
  const length = Buffer.byteLength(text)
  if (length > INPUT_MAX_BYTES) throw new PolicyFault(`the input is longer than ${INPUT_MAX_BYTES} bytes`)
  return toBuffer(text, length)
}

type Pick = (input: DecisionInput) => unknown

// Fields lie at most two deep; the groups of a list of fields are worked out once.
const pickers = new WeakMap<readonly InputField[], Pick>()

function pick(input: DecisionInput, fields: readonly InputField[]): unknown {
  const known = pickers.get(fields) ?? createPicker(fields)
  pickers.set(fields, known)
  return known(input)
}

function createPicker(fields: readonly InputField[]): Pick {
  const names = new Map<string, string[]>()
  for (const field of fields) {
    const [group = '', name] = field.split('.')
    names.set(group, [...(names.get(group) ?? []), ...(name === undefined ? [] : [name])])
  }
  const groups = [...names]
  return (input) => {
    const picked: { [name: string]: unknown } = {}
    for (const [group, inner] of groups) {
      const value = input[group as 'party'] as unknown
      picked[group] = inner.length === 0 ? value : pickNames(value as Fields, inner)
    }
    return picked
  }
}

function pickNames(value: Fields, names: readonly string[]): Fields {
  const picked: { [name: string]: unknown } = {}
  for (const name of names) picked[name] = value[name]
  return picked
}

const MINUTE_MILLISECONDS = 60_000

/** Zones shift by whole minutes in the years that rules count in, so each minute's text is made once. */
function localTimes(now: string, zones: readonly string[]): string {
  const minute = Math.floor(Date.parse(now) / MINUTE_MILLISECONDS)
  return zones.map((zone) => localTime(minute, zone)).join(',')
}

const lastMinutes = new Map<string, { minute: number; text: string }>()

function localTime(minute: number, zone: string): string {
  const last = lastMinutes.get(zone)
  if (last?.minute === minute) return last.text
  const clock = readWallClock(minute * MINUTE_MILLISECONDS, zone)
  const local = { weekday: weekdayOf(clock), minute: minuteOf(clock), date: [clock.year, clock.month, clock.day] }
  const text = `${JSON.stringify(zone)}:${JSON.stringify(local)}`
  lastMinutes.set(zone, { minute, text })
  return text
}

// Making a buffer costs more than filling one, so those of usual sizes are kept; spaces behind JSON mean nothing. The one
// who evaluates copies the bytes before anybody can ask again.
function toBuffer(text: string, length: number): ArrayBuffer {
  const size = Math.ceil(length / BUFFER_STEP_BYTES) * BUFFER_STEP_BYTES
  const bytes = kept.get(size) ?? new Uint8Array(new ArrayBuffer(size))
  if (size <= BUFFER_KEPT_BYTES) kept.set(size, bytes)
  const { written } = encoder.encodeInto(text, bytes)
  bytes.fill(SPACE, written)
  return bytes.buffer
}

function checkShape(input: unknown): DecisionInput {
  const { now, request, resource, scope, party, proof } = fields(input, 'input')
  if (typeof now !== 'string' || !isUtcText(now)) throw new PolicyFault('input.now is not an instant in UTC with milliseconds')
  texts({ scope }, ['scope'], 'input')
  const asked = fields(request, 'input.request')
  texts(asked, ['method', 'route'], 'input.request')
  textsOrNull(asked, ['ip', 'purpose'], 'input.request')
  const thing = fields(resource, 'input.resource')
  texts(thing, ['id', 'key', 'type', 'owner'], 'input.resource')
  textsOrNull(thing, ['device_id', 'state'], 'input.resource')
  tags(thing['tags'])
  attributes(thing['attributes'])
  const caller = fields(party, 'input.party')
  texts(caller, ['sub', 'issuer', 'client_id'], 'input.party')
  textsOrNull(caller, ['email', 'device_id', 'acr', 'link'], 'input.party')
  if (typeof caller['email_verified'] !== 'boolean') throw new PolicyFault('input.party.email_verified is neither true nor false')
  textsOrNull(fields(proof, 'input.proof'), ['method'], 'input.proof')
  return input as DecisionInput
}

type Fields = { readonly [name: string]: unknown }

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PolicyFault(`${where} is not an object`)
  return value as Fields
}

function texts(from: Fields, names: readonly string[], where: string): void {
  for (const name of names) if (!isText(from[name])) throw new PolicyFault(`${where}.${name} is not a string`)
}

function textsOrNull(from: Fields, names: readonly string[], where: string): void {
  for (const name of names) if (from[name] !== null && !isText(from[name])) throw new PolicyFault(`${where}.${name} is neither a string nor null`)
}

function tags(value: unknown): void {
  if (!Array.isArray(value) || value.length > TAGS_MAX || !value.every(isText))
    throw new PolicyFault(`input.resource.tags is not a list of at most ${TAGS_MAX} strings`)
}

function attributes(value: unknown): void {
  const entries = Object.values(fields(value, 'input.resource.attributes'))
  if (entries.length > ATTRIBUTES_MAX || !entries.every(isScalar))
    throw new PolicyFault(`input.resource.attributes is not a map of at most ${ATTRIBUTES_MAX} strings, numbers or booleans`)
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
