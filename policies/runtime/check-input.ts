// The question, checked to the last field before a module sees it, and cut to what rules can read. It decides nothing.

import { isUtcText } from '../conditions/instant.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import { PolicyFault } from './policy-fault.ts'

/** Real inputs are under 2 KiB; work and memory grow with this. */
export const INPUT_MAX_BYTES = 64 * 1024
const TAGS_MAX = 100

const encoder = new TextEncoder()

/** JSON of the fields that the language reads; throws where any field of the contract is missing or of a wrong type. */
export function encodeInput(input: DecisionInput): ArrayBuffer {
  const { now, request, resource, scope, party } = checkShape(input)
  const text = JSON.stringify({
    now,
    request: { ip: request.ip },
    resource: { key: resource.key, type: resource.type, tags: resource.tags },
    scope,
    party: { sub: party.sub, email: party.email, email_verified: party.email_verified },
  })
  const bytes = encoder.encode(text)
  if (bytes.byteLength > INPUT_MAX_BYTES) throw new PolicyFault(`the input is longer than ${INPUT_MAX_BYTES} bytes`)
  return bytes.buffer.byteLength === bytes.byteLength ? bytes.buffer : bytes.slice().buffer
}

function checkShape(input: unknown): DecisionInput {
  const { now, request, resource, scope, party } = fields(input, 'input')
  if (typeof now !== 'string' || !isUtcText(now)) throw new PolicyFault('input.now is no instant in UTC with milliseconds')
  texts({ scope }, ['scope'], 'input')
  const asked = fields(request, 'input.request')
  texts(asked, ['method', 'route'], 'input.request')
  textsOrNull(asked, ['ip'], 'input.request')
  const thing = fields(resource, 'input.resource')
  texts(thing, ['id', 'key', 'type', 'owner'], 'input.resource')
  textsOrNull(thing, ['device_id'], 'input.resource')
  tags(thing['tags'])
  const caller = fields(party, 'input.party')
  texts(caller, ['sub', 'issuer', 'client_id'], 'input.party')
  textsOrNull(caller, ['email', 'device_id'], 'input.party')
  if (typeof caller['email_verified'] !== 'boolean') throw new PolicyFault('input.party.email_verified is neither true nor false')
  return input as DecisionInput
}

type Fields = { readonly [name: string]: unknown }

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PolicyFault(`${where} is no object`)
  return value as Fields
}

function texts(from: Fields, names: readonly string[], where: string): void {
  for (const name of names) if (!isText(from[name])) throw new PolicyFault(`${where}.${name} is no text`)
}

function textsOrNull(from: Fields, names: readonly string[], where: string): void {
  for (const name of names) if (from[name] !== null && !isText(from[name])) throw new PolicyFault(`${where}.${name} is neither a text nor null`)
}

function tags(value: unknown): void {
  if (!Array.isArray(value) || value.length > TAGS_MAX || !value.every(isText))
    throw new PolicyFault(`input.resource.tags is no list of at most ${TAGS_MAX} texts`)
}

// A lone surrogate would become another text on its way through UTF-8.
function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed()
}
