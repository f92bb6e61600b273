// The language's JSON Schema (draft-07), put together from the registry of conditions. `sharing-policy.schema.json` beside it is its printed form.
import { NETWORKS_SCHEMA } from '../conditions/from.ts'
import { CONDITION_KINDS } from '../conditions/registry.ts'
import { PROOF_METHODS } from '../contract/decision-input.ts'
import { REASON_CODES } from '../contract/reasons.ts'
import { DURATION_WORDS } from '../duration.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'
import type { JsonSchema } from './json-schema.ts'

// Every list has a limit, since each row becomes rules of the module.
const WHO_WORD: JsonSchema = {
  type: ['string', 'object'],
  description: 'an e-mail address, a name from "people", domain:x, client:x, service:x, device:x, {issuer, subject}, anyone-signed-in or anyone-with-link',
  minLength: 1,
  maxLength: 300,
  required: ['issuer', 'subject'],
  additionalProperties: false,
  properties: {
    issuer: { type: 'string', description: 'the URL of the issuer that signed the party in', minLength: 1, maxLength: 512 },
    subject: { type: 'string', description: "the party's subject at that issuer", minLength: 1, maxLength: 256 },
  },
}
export const WHO: JsonSchema = {
  type: 'array',
  description: 'people: e-mail addresses, names from "people", anyone-signed-in, and so on',
  items: WHO_WORD,
  minItems: 1,
  maxItems: 100,
}
export const NAME: JsonSchema = { type: 'string', description: 'a name of 1 to 200 characters', minLength: 1, maxLength: 200 }
const WHAT_WORD: JsonSchema = { type: 'string', description: 'a thing, type:x, tag:x, device:x or everything', minLength: 1, maxLength: 256 }
// The scope-token of RFC 6749 section 3.3.
const ABILITY: JsonSchema = {
  type: 'string',
  description: 'an ability (one word without spaces), or everything',
  pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$',
}
export const TIMEZONE: JsonSchema = { type: 'string', description: 'an IANA time zone such as Europe/Paris', minLength: 1, maxLength: 64 }
export const MAY: JsonSchema = { type: 'array', description: 'abilities, or everything', items: ABILITY, minItems: 1, maxItems: 50 }

export const GROUP_NAME = '^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$'

export const WHAT: JsonSchema = {
  type: 'array',
  description: 'things: their keys, names from "things", type:x, tag:x, device:x, or everything',
  items: WHAT_WORD,
  minItems: 1,
  maxItems: 100,
}

export const REQUIREMENTS: JsonSchema = {
  type: 'object',
  description: 'conditions of a request',
  additionalProperties: false,
  minProperties: 1,
  properties: { ...conditionSchemas('only'), timezone: TIMEZONE },
}

const SHARE: JsonSchema = {
  type: 'object',
  description: 'a share: who may do what',
  required: ['name', 'who', 'what', 'may'],
  additionalProperties: false,
  properties: {
    name: NAME,
    who: WHO,
    what: WHAT,
    may: MAY,
    only: { ...REQUIREMENTS, description: 'conditions, all of which must hold' },
    ...conditionSchemas('share'),
    for: { type: 'string', description: `a duration that starts at the save, ${DURATION_WORDS}`, maxLength: 40 },
    remind: { type: 'string', description: `with "until: done": how often you are reminded, ${DURATION_WORDS}; defaults to every week`, maxLength: 40 },
    ...Object.fromEntries(OBLIGATION_KINDS.map((kind) => [kind.kind, kind.schema])),
    other_answers: { type: 'string', description: 'refuse or allow: what happens to responses that are not JSON', enum: ['refuse', 'allow'] },
    must: { type: 'string', description: 'found: a response without one of the places in hide, only_fields and round is refused', enum: ['found'] },
    ask: { type: ['string', 'boolean'], description: '"once" (you approve once) or "each time" (you approve every request)', pattern: '^(?:once|each time)$' },
  },
}

export const EXPECT: JsonSchema = {
  type: 'object',
  description: 'a request and the decision that the rules must make',
  required: ['who', 'may', 'what', 'answer'],
  additionalProperties: false,
  properties: {
    who: WHO_WORD,
    may: ABILITY,
    what: WHAT_WORD,
    at: { type: 'string', description: 'an instant with its offset such as 2026-11-23T10:00:00+01:00', maxLength: 40 },
    from: { type: 'string', description: 'the address the request comes from', maxLength: 45 },
    purpose: { type: 'string', description: 'a purpose', minLength: 1, maxLength: 64 },
    client: { type: 'string', description: 'the name of an app', minLength: 1, maxLength: 256 },
    proof: { type: 'string', description: PROOF_METHODS.join(', '), enum: PROOF_METHODS },
    acr: { type: 'string', description: 'an authentication context class', minLength: 1, maxLength: 256 },
    link: { type: 'string', description: 'the name of the share whose link was opened', minLength: 1, maxLength: 200 },
    state: { type: 'string', description: 'the state of the device', minLength: 1, maxLength: 64 },
    attributes: {
      type: 'object',
      description: 'attributes of the thing, each with its value',
      maxProperties: 50,
      additionalProperties: false,
      patternProperties: { '^.{1,64}$': { type: ['string', 'number', 'boolean'], description: 'a value', maxLength: 256 } },
    },
    answer: { type: 'string', description: 'allow, deny or ask', enum: ['allow', 'deny', 'ask'] },
    because: { type: 'string', description: 'the code of a reason', enum: REASON_CODES },
  },
}

const STOP = {
  name: NAME,
  who: { ...WHO, description: 'people, as in a share; defaults to everyone' },
  what: WHAT,
  may: { ...MAY, description: 'abilities, or everything; defaults to everything' },
  only: { ...REQUIREMENTS, description: 'conditions; it applies unless the known facts about a request rule one of them out' },
  ...conditionSchemas('share'),
}

const BLOCK: JsonSchema = {
  type: 'object',
  description: 'what is denied regardless of the shares: who, what, or both; without may and only, everything and always',
  additionalProperties: false,
  properties: STOP,
}

const PAUSE: JsonSchema = {
  type: 'object',
  description: 'things that nobody can use for now, regardless of the shares',
  required: ['what'],
  additionalProperties: false,
  properties: STOP,
}

const DATES_WORDS = 'a day such as 2026-12-25, a range such as "2026-12-24 to 2027-01-02", or a list of them'

/** The parts that come before the rules of a document, whatever its rules are. */
export const HEAD = {
  version: { type: 'integer', description: 'the version of the language, 1', const: 1 },
  defaults: {
    type: 'object',
    description: 'defaults for all rules',
    additionalProperties: false,
    minProperties: 1,
    properties: { timezone: TIMEZONE },
  },
} as const satisfies Readonly<Record<string, JsonSchema>>

/** The names that a document gives. */
export const NAMES = {
  people: {
    type: 'object',
    description: 'names of people: letters, digits, spaces, "_", "." and "-", at most 64; then one person or a list of them',
    additionalProperties: false,
    maxProperties: 100,
    patternProperties: {
      [GROUP_NAME]: {
        ...WHO_WORD,
        type: ['string', 'object', 'array'],
        description: 'one person or a list: e-mail addresses, other names from "people", domain:x, client:x, service:x, device:x, {issuer, subject}',
        items: WHO_WORD,
        minItems: 1,
        maxItems: 500,
      },
    },
  },
  things: {
    type: 'object',
    description: 'names of things: letters, digits, spaces, "_", "." and "-", at most 64; then one thing or a list of them',
    additionalProperties: false,
    maxProperties: 100,
    patternProperties: {
      [GROUP_NAME]: {
        ...WHAT_WORD,
        type: ['string', 'array'],
        description: 'one thing or a list: keys, other names from "things", type:x, tag:x, device:x',
        items: WHAT_WORD,
        minItems: 1,
        maxItems: 500,
      },
    },
  },
  places: {
    type: 'object',
    description: 'names of places: letters, digits, spaces, "_", "." and "-", at most 64; then their networks',
    additionalProperties: false,
    maxProperties: 50,
    patternProperties: { [GROUP_NAME]: NETWORKS_SCHEMA },
  },
  calendars: {
    type: 'object',
    description: 'names of calendars: letters, digits, spaces, "_", "." and "-", at most 64; then their days',
    additionalProperties: false,
    maxProperties: 20,
    patternProperties: {
      [GROUP_NAME]: {
        type: ['string', 'array'],
        description: DATES_WORDS,
        maxLength: 64,
        items: { type: 'string', description: DATES_WORDS, maxLength: 64 },
        minItems: 1,
        maxItems: 366,
      },
    },
  },
} as const satisfies Readonly<Record<string, JsonSchema>>

export type DocumentSchema = JsonSchema & { readonly $schema: string; readonly title: string }

export const POLICY_SCHEMA: DocumentSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Latchkey sharing policy',
  type: 'object',
  description: 'a sharing policy',
  required: ['version'],
  additionalProperties: false,
  properties: {
    ...HEAD,
    timezone: { ...TIMEZONE, description: 'the older form of defaults.timezone: an IANA time zone such as Europe/Paris' },
    ...NAMES,
    shares: { type: 'array', description: 'a list of shares', items: SHARE, maxItems: 10_000 },
    block: { type: 'array', description: 'a list of blocks', items: BLOCK, maxItems: 100 },
    pause: { type: 'array', description: 'a list of pauses', items: PAUSE, maxItems: 100 },
    expect: { type: 'array', description: 'a list of requests with their expected decisions', items: EXPECT, maxItems: 200 },
  },
}

// With the comma behind it.
const LINE_MAX_CHARS = 160

/** JSON, with short lists on one line as the formatter of this repository writes them. */
export function printSchema(schema: DocumentSchema = POLICY_SCHEMA): string {
  const text = JSON.stringify(schema, null, 2)
  return `${text.replace(/^(.*)\[\n\s+("[^\]]*?")\n\s+\]/gm, (whole, before: string, items: string) => {
    const line = `${before}[${items.replace(/,\n\s+/g, ', ')}]`
    return line.length < LINE_MAX_CHARS ? line : whole
  })}\n`
}

export function conditionSchemas(place: 'share' | 'only'): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(CONDITION_KINDS.filter((kind) => kind.place === place).map((kind) => [kind.key, kind.schema]))
}
