// `only: {attributes: {mode: party, battery: {at_least: 20}}}`: what is known of the thing; all of the named attributes must fit.
import { call, type Json, literal, test } from '../rego/ast.ts'
import { err, ok } from '../result.ts'
import type { ConditionKind, Mark, Written } from './condition-kind.ts'

type Scalar = string | number | boolean

/** Bounds are included, and only numbers lie between them. */
export type AttributeTest =
  | { readonly name: string; readonly oneOf: readonly Scalar[] }
  | { readonly name: string; readonly atLeast: number | undefined; readonly atMost: number | undefined }

export interface AttributesCondition {
  readonly kind: 'attributes'
  readonly tests: readonly AttributeTest[]
}

interface RawRange {
  readonly at_least?: number
  readonly at_most?: number
}

const ATTRIBUTE_NAME = '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$'

export const attributes: ConditionKind<AttributesCondition> = {
  kind: 'attributes',
  key: 'attributes',
  place: 'only',
  schema: {
    type: 'object',
    description: 'names of attributes, each with a value, a list of values, or at_least and at_most',
    minProperties: 1,
    maxProperties: 20,
    additionalProperties: false,
    patternProperties: {
      [ATTRIBUTE_NAME]: {
        type: ['string', 'number', 'boolean', 'array', 'object'],
        description: 'a value, a list of values, or a map of at_least and at_most',
        maxLength: 256,
        items: { type: ['string', 'number', 'boolean'], description: 'a value', maxLength: 256 },
        minItems: 1,
        maxItems: 50,
        minProperties: 1,
        properties: {
          at_least: { type: 'number', description: 'a number' },
          at_most: { type: 'number', description: 'a number' },
        },
        additionalProperties: false,
      },
    },
  },
  read(value) {
    const tests = Object.entries(value as Readonly<Record<string, Scalar | readonly Scalar[] | RawRange>>).map(([name, wanted]) => readTest(name, wanted))
    const empty = tests.find((one) => !('oneOf' in one) && one.atLeast !== undefined && one.atMost !== undefined && one.atLeast > one.atMost)
    if (empty !== undefined) return err({ code: 'bad_value', message: `"${empty.name}": at_least is greater than at_most. Swap them.` })
    return ok({ kind: 'attributes', tests })
  },
  write: ({ tests }) => Object.fromEntries(tests.map((one) => [one.name, writeTest(one)])),
  toRego: ({ tests }) => test(call('attributes_fit', literal(Object.fromEntries(tests.map((one) => [one.name, toJson(one)]))))),
  holds: ({ tests }, { resource }) => tests.every((one) => fits(one, Object.hasOwn(resource.attributes, one.name) ? resource.attributes[one.name] : undefined)),
  ruledOut: {
    toRego: ({ tests }) => test(call('attributes_surely_miss', literal(Object.fromEntries(tests.map((one) => [one.name, toJson(one)]))))),
    holds: ({ tests }, { resource }) => tests.some((one) => Object.hasOwn(resource.attributes, one.name) && isOther(one, resource.attributes[one.name])),
  },
  marks: ({ tests }) => tests.flatMap(marksOf),
  reason: 'not_with_these_attributes',
  sentence: ({ tests }) => `while ${tests.map(inWords).join(' and ')}`,
}

function readTest(name: string, wanted: Scalar | readonly Scalar[] | RawRange): AttributeTest {
  if (Array.isArray(wanted)) return { name, oneOf: [...new Set(wanted as readonly Scalar[])] }
  if (typeof wanted !== 'object') return { name, oneOf: [wanted] }
  const { at_least: atLeast, at_most: atMost } = wanted as RawRange
  return { name, atLeast, atMost }
}

function writeTest(one: AttributeTest): Written {
  if (!('oneOf' in one)) return range(one)
  const [first, ...others] = one.oneOf
  return first !== undefined && others.length === 0 ? first : one.oneOf
}

function toJson(one: AttributeTest): Json {
  return 'oneOf' in one ? { one_of: one.oneOf } : { range: range(one) }
}

function range({ atLeast, atMost }: Extract<AttributeTest, { readonly atLeast: unknown }>): Readonly<Record<string, number>> {
  return { ...(atLeast === undefined ? {} : { at_least: atLeast }), ...(atMost === undefined ? {} : { at_most: atMost }) }
}

function fits(one: AttributeTest, value: Scalar | undefined): boolean {
  if (value === undefined) return false
  if ('oneOf' in one) return one.oneOf.includes(value)
  return typeof value === 'number' && value >= (one.atLeast ?? value) && value <= (one.atMost ?? value)
}

/** A bound says nothing of what is not a number. */
function isOther(one: AttributeTest, value: Scalar | undefined): boolean {
  return ('oneOf' in one || typeof value === 'number') && !fits(one, value)
}

// Numbers have no neighbours; half a step to each side of a bound has the answers of the whole side, and all attributes in use are coarser.
const BESIDE = 0.5

function marksOf(one: AttributeTest): readonly Mark[] {
  const { name } = one
  if ('oneOf' in one) return one.oneOf.map((value) => ({ fact: 'attribute', name, value }))
  const bounds = [one.atLeast, one.atMost].filter((bound) => bound !== undefined)
  return bounds.flatMap((bound) => [bound - BESIDE, bound, bound + BESIDE]).map((value) => ({ fact: 'attribute', name, value }))
}

function inWords(one: AttributeTest): string {
  if ('oneOf' in one) return `${one.name} is ${one.oneOf.join(' or ')}`
  const bounds = [...(one.atLeast === undefined ? [] : [`at least ${one.atLeast}`]), ...(one.atMost === undefined ? [] : [`at most ${one.atMost}`])]
  return `${one.name} is ${bounds.join(' and ')}`
}
