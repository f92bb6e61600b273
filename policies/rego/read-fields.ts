// Which fields of the input a module reads, and the rule that refuses to decide where one of them is missing or of a wrong type.
import { call, type Expression, type Rule, ref, type Section, type Term, test } from './ast.ts'

/** Every field that Rego may read, with the test of its type. A field that is not here cannot be read. */
const TYPE_TESTS = {
  now: 'is_instant',
  'request.ip': 'is_text_or_null',
  'request.purpose': 'is_text_or_null',
  'resource.key': 'is_string',
  'resource.type': 'is_string',
  'resource.tags': 'is_text_list',
  'resource.device_id': 'is_text_or_null',
  'resource.state': 'is_text_or_null',
  'resource.attributes': 'is_object',
  scope: 'is_string',
  'party.sub': 'is_string',
  'party.issuer': 'is_string',
  'party.client_id': 'is_string',
  'party.email': 'is_text_or_null',
  'party.email_verified': 'is_boolean',
  'party.device_id': 'is_text_or_null',
  'party.acr': 'is_text_or_null',
  'party.link': 'is_text_or_null',
  'proof.method': 'is_text_or_null',
} as const

export type InputField = keyof typeof TYPE_TESTS
export const INPUT_FIELDS = Object.keys(TYPE_TESTS) as readonly InputField[]

/** Of the sections themselves and of what they use of the fixed part, whose text is given; in the order of the list above. */
export function readFields(sections: readonly Section[], library: string): readonly InputField[] {
  const used = readLibraryFields(library)
  const found = new Set<string>(['scope', 'resource.key', 'party.sub'])
  const see = (name: string) => {
    if (name.startsWith('input.')) found.add(name.slice('input.'.length))
    for (const field of used.get(name) ?? []) found.add(field)
  }
  for (const section of sections) for (const rule of section.rules) walkRule(rule, see)
  const unknown = [...found].find((field) => field !== 'local' && !Object.hasOwn(TYPE_TESTS, field))
  if (unknown !== undefined) throw new TypeError(`a rule reads input.${unknown}, which requests do not have`)
  return INPUT_FIELDS.filter((field) => found.has(field))
}

/** `others`: what must hold beside the types of the fields. */
export function wellFormed(fields: readonly InputField[], others: readonly Expression[]): Section {
  return {
    comment: 'what this policy reads of a request',
    rules: [{ head: ref('well_formed'), body: [...fields.map((field) => test(call(TYPE_TESTS[field], ref(`input.${field}`)))), ...others] }],
  }
}

function walkRule({ head, contains, value, otherwise, body }: Rule, see: (name: string) => void): void {
  for (const term of [head, contains, value, otherwise]) if (term !== undefined) walkTerm(term, see)
  for (const expression of body) for (const term of termsOf(expression)) walkTerm(term, see)
}

function termsOf(expression: Expression): readonly Term[] {
  switch (expression.expression) {
    case 'test':
      return [expression.term]
    case 'equal':
      return [expression.left, expression.right]
    case 'member':
      return [expression.element, expression.collection]
    case 'some':
      return [expression.collection]
  }
}

function walkTerm(term: Term, see: (name: string) => void): void {
  switch (term.term) {
    case 'literal':
    case 'set':
      return
    case 'ref':
      see(term.name)
      for (const key of term.keys) walkTerm(key, see)
      return
    case 'call':
      see(term.name)
      for (const parameter of term.parameters) walkTerm(parameter, see)
      return
    case 'array':
      for (const item of term.items) walkTerm(item, see)
      return
    case 'object':
      for (const [, value] of term.members) walkTerm(value, see)
  }
}

const RULE_START = /^(?=[a-z_]+[ ([:])/m
const remembered = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>()

/** By name of each rule or function of the fixed part: the fields that it and all that it uses read. */
function readLibraryFields(library: string): ReadonlyMap<string, ReadonlySet<string>> {
  const known = remembered.get(library)
  if (known !== undefined) return known
  const texts = new Map<string, string>()
  for (const text of library.replace(/^#.*$/gm, '').split(RULE_START)) {
    const name = /^[a-z_]+/.exec(text)?.[0]
    if (name !== undefined) texts.set(name, (texts.get(name) ?? '') + text)
  }
  const fields = new Map([...texts.keys()].map((name) => [name, fieldsOf(name, texts, new Set())]))
  remembered.set(library, fields)
  return fields
}

function fieldsOf(name: string, texts: ReadonlyMap<string, string>, seen: Set<string>): ReadonlySet<string> {
  if (seen.has(name)) return new Set()
  seen.add(name)
  const text = texts.get(name) ?? ''
  const own = [...text.matchAll(/\binput\.([a-z_]+(?:\.[a-z_]+)*)/g)].map((match) => match[1] ?? '')
  const inner = [...text.matchAll(/[a-z_]+/g)].filter(([word]) => word !== name && texts.has(word)).flatMap(([word]) => [...fieldsOf(word, texts, seen)])
  return new Set([...own, ...inner])
}
