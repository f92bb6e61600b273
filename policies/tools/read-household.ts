// Who and what a household has, from JSON (`--things`): a list of things, or people, things and abilities. It reads text; it opens no file.
import type { Household, HouseholdPerson, HouseholdThing } from '../analysis/universe.ts'
import { err, ok, type Result } from '../result.ts'

/** One registry of a large household. */
const ROWS_MAX = 10_000
const REMEDY = 'write a list such as [{"key": "guitar-0042", "type": "smart-guitar", "tags": ["studio"], "abilities": ["play", "read"]}]'
const MEMBERS = ['people', 'things', 'abilities']

type Fields = Readonly<Record<string, unknown>>

/** What is wrong comes as the end of a sentence that begins with the file's name. */
export function readHousehold(text: string): Result<Household, string> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return err(`is not JSON (${error instanceof Error ? error.message : 'unknown reason'}); ${REMEDY}`)
  }
  if (Array.isArray(value)) return readMembers({ things: value })
  if (!isFields(value)) return err(`is neither a list nor an object; ${REMEDY}`)
  const unknown = Object.keys(value).find((member) => !MEMBERS.includes(member))
  return unknown === undefined ? readMembers(value) : err(`has the unknown member ${JSON.stringify(unknown)}; known are ${MEMBERS.join(', ')}`)
}

function readMembers({ people = [], things = [], abilities = [] }: Fields): Result<Household, string> {
  const tooMany = Object.entries({ people, things, abilities }).find(([, list]) => Array.isArray(list) && list.length > ROWS_MAX)
  if (tooMany !== undefined) return err(`has more than ${ROWS_MAX} ${tooMany[0]}; give only those that the rules mention`)
  if (!Array.isArray(people) || !people.every(isPerson))
    return err('has invalid people; write {"email": "bob@example.test"} or {"issuer": "https://...", "subject": "..."}, each with an optional "name"')
  if (!isTexts(abilities)) return err('has invalid abilities; write a list of strings such as ["play", "read"]')
  if (!Array.isArray(things)) return err(`has no list of things; ${REMEDY}`)
  const read = things.map(readThing)
  const wrong = read.indexOf(undefined)
  if (wrong >= 0)
    return err(`has an invalid thing (number ${wrong + 1}): "key" is required, "type" is a string, "tags" and "abilities" are lists of strings; ${REMEDY}`)
  const known = read.filter((thing) => thing !== undefined)
  const twice = known.find(({ key }, index) => known.findIndex((other) => other.key === key) !== index)
  if (twice !== undefined) return err(`has two things with the key ${JSON.stringify(twice.key)}; keep one`)
  return ok({ people, things: known, abilities })
}

function isPerson(value: unknown): value is HouseholdPerson {
  if (!isFields(value)) return false
  const texts = ['name', 'email', 'issuer', 'subject'].map((member) => value[member]).filter((one) => one !== undefined)
  return isTexts(texts) && (value['email'] !== undefined || value['subject'] !== undefined)
}

function readThing(value: unknown): HouseholdThing | undefined {
  if (!isFields(value)) return undefined
  const { key, type = '', tags = [], abilities, device_id = null } = value
  if (typeof key !== 'string' || key === '' || typeof type !== 'string' || !isTexts(tags) || !(abilities === undefined || isTexts(abilities))) return undefined
  return device_id === null || typeof device_id === 'string' ? { key, type, tags, device_id, ...(abilities === undefined ? {} : { abilities }) } : undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
