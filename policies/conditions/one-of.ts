// What the conditions share that compare one fact with a list of words: their schema, their reading, their Rego.
import { call, type Expression, literal, type Term, test } from '../rego/ast.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import type { Written } from './condition-kind.ts'

/** One word, or a list of 1 to 50. */
export function oneOrList(description: string, word: Pick<JsonSchema, 'maxLength' | 'enum' | 'pattern'>): JsonSchema {
  const { enum: values, ...text } = word
  const inner = values === undefined ? { minLength: 1, ...text } : text
  return {
    type: ['string', 'array'],
    description,
    ...inner,
    ...(values === undefined ? {} : { pattern: `^(?:${values.join('|')})$` }),
    items: { type: 'string', description, ...inner, ...(values === undefined ? {} : { enum: values }) },
    minItems: 1,
    maxItems: 50,
  }
}

/** Without repeats, in the order of the text. */
export function asList(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [...new Set(value as readonly string[])]
}

/** One word as itself, several as a list. */
export function words(list: readonly string[]): Written {
  const [first, ...others] = list
  return first !== undefined && others.length === 0 ? first : list
}

/** False for a fact that is null or not there. */
export function isOneOf(fact: Term, values: readonly string[]): Expression {
  return test(call('one_of', fact, literal.set(values)))
}

/** For a fact that is known and is none of these. */
export function isSurelyOther(fact: Term, values: readonly string[]): Expression {
  return test(call('surely_other', fact, literal.set(values)))
}
