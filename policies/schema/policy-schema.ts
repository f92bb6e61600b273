// The language's JSON Schema (draft-07), put together from the registry of conditions. `sharing-policy.schema.json` beside it is its printed form.
import { CONDITION_KINDS } from '../conditions/registry.ts'
import type { JsonSchema } from './json-schema.ts'

// Every list has a limit, since each row becomes rules of the module.
const WHO: JsonSchema = {
  type: 'array',
  description: 'people: e-mail addresses, group names from "people", or anyone-signed-in',
  items: { type: 'string', minLength: 1, maxLength: 254 },
  minItems: 1,
  maxItems: 100,
}
const NAME: JsonSchema = { type: 'string', description: 'a name of 1 to 200 characters', minLength: 1, maxLength: 200 }
const WHAT_WORD: JsonSchema = { type: 'string', description: 'a thing, type:x, tag:x or everything', minLength: 1, maxLength: 256 }
// The scope-token of RFC 6749 section 3.3.
const ABILITY: JsonSchema = {
  type: 'string',
  description: 'an ability (one word without spaces), or everything',
  pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$',
}
const TIMEZONE: JsonSchema = { type: 'string', description: 'an IANA time zone such as Europe/Paris', minLength: 1, maxLength: 64 }
const EMAIL: JsonSchema = {
  type: 'string',
  description: 'an e-mail address in ASCII',
  pattern: '^[\\x21-\\x3F\\x41-\\x7E]{1,128}@[\\x21-\\x3F\\x41-\\x7E]{1,125}$',
}
// Name and wildcard selectors of RFC 9535, from the root.
const HIDE_PATH: JsonSchema = {
  type: 'string',
  description: 'a place in the answer such as $.location or $.strings[*].hz',
  pattern: '^\\$(\\.[A-Za-z_][A-Za-z0-9_-]*(\\[\\*\\])?)+$',
  maxLength: 256,
}

const BOOLEAN: JsonSchema = { type: 'boolean', description: 'true or false' }

export const GROUP_NAME = '^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$'

const SHARE: JsonSchema = {
  type: 'object',
  description: 'a share: who may do what',
  required: ['name', 'who', 'what', 'may'],
  additionalProperties: false,
  properties: {
    name: NAME,
    who: WHO,
    what: { type: 'array', description: 'things: their keys, type:x, tag:x, or everything', items: WHAT_WORD, minItems: 1, maxItems: 100 },
    may: { type: 'array', description: 'abilities, or everything', items: ABILITY, minItems: 1, maxItems: 50 },
    only: {
      type: 'object',
      description: 'conditions, all of which must hold',
      additionalProperties: false,
      minProperties: 1,
      properties: { ...conditionSchemas('only'), timezone: TIMEZONE },
    },
    ...conditionSchemas('share'),
    hide: { type: 'array', description: 'places of the answer that stay hidden', items: HIDE_PATH, minItems: 1, maxItems: 50 },
    ask: { ...BOOLEAN, description: 'true: the owner decides, request by request' },
  },
}

const EXPECT: JsonSchema = {
  type: 'object',
  description: 'a question and the answer that the rules must give to it',
  required: ['who', 'may', 'what', 'answer'],
  additionalProperties: false,
  properties: {
    who: { type: 'string', description: 'an e-mail address, or anyone-signed-in', minLength: 1, maxLength: 254 },
    may: ABILITY,
    what: WHAT_WORD,
    at: { type: 'string', description: 'an instant with its offset such as 2026-11-23T10:00:00+01:00', maxLength: 40 },
    from: { type: 'string', description: 'the address the request comes from', maxLength: 45 },
    answer: { type: 'string', description: 'allow, deny or ask', enum: ['allow', 'deny', 'ask'] },
  },
}

const BLOCK: JsonSchema = {
  type: 'object',
  description: 'people who get nothing, whatever the shares say',
  required: ['who'],
  additionalProperties: false,
  properties: { name: NAME, who: WHO },
}

export const POLICY_SCHEMA: JsonSchema & { readonly $schema: string; readonly title: string } = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Latchkey sharing policy',
  type: 'object',
  description: 'a sharing policy',
  required: ['version'],
  additionalProperties: false,
  properties: {
    version: { type: 'integer', description: 'the version of the language, 1', const: 1 },
    timezone: { ...TIMEZONE, description: 'the IANA time zone of all rules that name none, such as Europe/Paris' },
    people: {
      type: 'object',
      description: 'groups of people: a name, then e-mail addresses',
      additionalProperties: false,
      maxProperties: 100,
      patternProperties: { [GROUP_NAME]: { type: 'array', description: 'e-mail addresses', items: EMAIL, minItems: 1, maxItems: 500 } },
    },
    shares: { type: 'array', description: 'a list of shares', items: SHARE, maxItems: 1000 },
    block: { type: 'array', description: 'a list of blocks', items: BLOCK, maxItems: 100 },
    expect: { type: 'array', description: 'a list of questions with their answers', items: EXPECT, maxItems: 200 },
  },
}

/** JSON, with short lists on one line as the formatter of this repository writes them. */
export function printSchema(): string {
  const text = JSON.stringify(POLICY_SCHEMA, null, 2)
  return `${text.replace(/\[\n\s+("[^\]]*?")\n\s+\]/g, (_, items: string) => `[${items.replace(/,\n\s+/g, ', ')}]`)}\n`
}

function conditionSchemas(place: 'share' | 'only'): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(CONDITION_KINDS.filter((kind) => kind.place === place).map((kind) => [kind.kind, kind.schema]))
}
