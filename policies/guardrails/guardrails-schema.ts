// The JSON Schema (draft-07) of an operator's guardrails: the words of sharing policies, without anything that allows. `schema/guardrails.schema.json` is its printed form.
import type { JsonSchema } from '../schema/json-schema.ts'
import { conditionSchemas, type DocumentSchema, EXPECT, HEAD, MAY, NAME, NAMES, printSchema, REQUIREMENTS, WHAT, WHO } from '../schema/policy-schema.ts'

const GUARDRAIL: JsonSchema = {
  type: 'object',
  description: 'a guardrail: what is denied, regardless of what owners share',
  required: ['name', 'what', 'may'],
  additionalProperties: false,
  properties: {
    name: NAME,
    who: { ...WHO, description: 'people, as in a share, except links; defaults to everyone' },
    what: WHAT,
    may: MAY,
    require: {
      ...REQUIREMENTS,
      description:
        'conditions; a request that does not meet all of them is denied. A client counts only if it authenticates. By default, every request is denied',
    },
    ...conditionSchemas('share'),
  },
}

const { link: _link, ...QUESTION } = EXPECT.properties ?? {}

const EXPECTED: JsonSchema = {
  ...EXPECT,
  description: 'a request and the decision that the guardrails must make',
  properties: { ...QUESTION, answer: { type: 'string', description: 'allow (no guardrail denies it) or deny', enum: ['allow', 'deny'] } },
}

export const GUARDRAILS_SCHEMA: DocumentSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Latchkey guardrails',
  type: 'object',
  description: 'a file of guardrails',
  required: ['version', 'guardrails'],
  additionalProperties: false,
  properties: {
    ...HEAD,
    ...NAMES,
    guardrails: { type: 'array', description: 'a list of guardrails', items: GUARDRAIL, minItems: 1, maxItems: 200 },
    expect: { type: 'array', description: 'a list of requests with their expected decisions', items: EXPECTED, maxItems: 200 },
  },
}

export function printGuardrailsSchema(): string {
  return printSchema(GUARDRAILS_SCHEMA)
}
