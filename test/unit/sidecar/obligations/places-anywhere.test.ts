// Members that a rule names without a path: hidden, kept, rounded and required wherever they are in an answer.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Obligation } from '../../../../policies/contract/obligations.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'
import { TRANSFORM_MAX_BYTES } from '../../../../sidecar/limits.ts'
import { planObligations } from '../../../../sidecar/obligations/answer-plan.ts'
import { transformAnswer } from '../../../../sidecar/obligations/transform-answer.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

/** As an owner writes it, e.g. `hide: [location]`. */
function obligationsOf(keys: string): readonly Obligation[] {
  const text = `version: 1\nshares:\n  - { name: A, who: [g@example.test], what: [t], may: [read], ${keys} }\n`
  const rules = parsePolicy({ text, file: 'r.yaml' })
  if (!rules.ok) throw new Error(JSON.stringify(rules.error))
  return rules.value.shares[0]?.obligations ?? []
}

function shown(body: string, keys: string): string {
  const plan = planObligations(obligationsOf(keys))
  if (!plan.ok) throw new Error(plan.error)
  const result = transformAnswer(Buffer.from(body), { obligations: plan.value.answer, now: NOW })
  return result.ok ? result.value.toString() : `refused: ${result.error}`
}

describe('TR60: a plain word hides everywhere', () => {
  test.each([
    ['at the top', '{"location":1,"x":2}', '{"x":2}'],
    ['in a list', '[{"location":1,"x":2}]', '[{"x":2}]'],
    ['in the items of a member', '{"items":[{"location":1}]}', '{"items":[{}]}'],
    ['in an object', '{"home":{"location":1}}', '{"home":{}}'],
    ['in lists of lists', '[[[{"location":{"lat":1}}]]]', '[[[{}]]]'],
    ['below a member of its own name', '{"a":{"location":{"location":1}}}', '{"a":{}}'],
    ['with another case', '{"Location":1,"LOCATION":2}', '{}'],
    ['with an escaped name', '{"\\u006cocation":1}', '{}'],
    ['in full-width letters', '{"ｌocation":1}', '{}'],
    ['whatever its value is', '{"location":null,"a":{"location":[1]}}', '{"a":{}}'],
    ['but no other name', '{"locations":1,"location2":2,"lo":3}', '{"locations":1,"location2":2,"lo":3}'],
    ['and no value', '["location",{"x":"location"}]', '["location",{"x":"location"}]'],
  ])('%s', (_, body, expected) => {
    expect(shown(body, 'hide: [location]')).toBe(expected)
    expect(shown(body, 'hide: [$..location]')).toBe(expected)
  })

  test.each([
    ['an exact place stays exact', 'hide: [$.location]', '{"location":1,"a":{"location":2}}', '{"a":{"location":2}}'],
    ['both together', 'hide: [$.a.b, location]', '{"a":{"b":1,"c":{"location":2}},"b":3}', '{"a":{"c":{}},"b":3}'],
    [
      'a name below a name anywhere',
      'hide: [$..location.lat]',
      '{"location":{"lat":1,"lon":2},"x":[{"location":{"lat":3}}]}',
      '{"location":{"lon":2},"x":[{"location":{}}]}',
    ],
    ['a name anywhere below an exact place', 'hide: [$.a..b]', '{"a":{"x":{"b":1}},"b":2}', '{"a":{"x":{}},"b":2}'],
    ['a name of several words', 'hide: [first name]', '[{"first name":1}]', '[{}]'],
  ])('%s', (_, keys, body, expected) => expect(shown(body, keys)).toBe(expected))
})

describe('TR60: only_fields with plain words', () => {
  test.each([
    ['at the top', '{"temperature":1,"x":2}', '{"temperature":1}'],
    ['in a list', '[{"temperature":1,"x":2},{"x":3},4]', '[{"temperature":1}]'],
    ['deep, and nothing of its neighbours', '{"bob@example.test":{"x":{}},"a":{"b":[{"temperature":1},{"y":[]}]}}', '{"a":{"b":[{"temperature":1}]}}'],
    ['whole values', '{"temperature":{"value":1}}', '{"temperature":{"value":1}}'],
    ['no other spelling', '{"Temperature":1}', '{}'],
    ['nothing of it', '{"x":[1,{"y":2}]}', '{}'],
  ])('%s', (_, body, expected) => expect(shown(body, 'only_fields: [temperature]')).toBe(expected))
})

describe('TR60: round with plain words', () => {
  test.each([
    ['numbers anywhere', 'round: { mileage: 10 }', '{"mileage":14,"cars":[{"Mileage":16}]}', '{"mileage":10,"cars":[{"Mileage":20}]}'],
    ['what is not a number is refused', 'round: { mileage: 10 }', '{"cars":[{"mileage":"14"}]}', 'refused: obligation_impossible'],
    ['times anywhere', 'round: { at: 1 h }', '[{"at":"2026-11-23T11:59:00Z"}]', '[{"at":"2026-11-23T11:00:00Z"}]'],
  ])('%s', (_, keys, body, expected) => expect(shown(body, keys)).toBe(expected))
})

describe('TR60: must: found', () => {
  test.each([
    ['hide, found', 'hide: [location], must: found', '[{"location":1}]', '[{}]'],
    ['hide, not there', 'hide: [location], must: found', '[{"place":1}]', 'refused: place_not_found'],
    ['hide, an exact place that misses', 'hide: [$.location], must: found', '[{"location":1}]', 'refused: place_not_found'],
    ['hide, one of two', 'hide: [$.a, $.b], must: found', '{"a":1}', 'refused: place_not_found'],
    ['hide, an empty list', 'hide: ["$[*].a"], must: found', '[]', 'refused: place_not_found'],
    ['only_fields', 'only_fields: [t], must: found', '{"x":1}', 'refused: place_not_found'],
    ['round', 'round: { $.t: 1 }, must: found', '{"x":1}', 'refused: place_not_found'],
    ['what another rule leaves out was there', 'hide: [a], only_fields: [$.b], must: found', '{"a":1,"b":2}', '{"b":2}'],
    ['null was found', 'hide: [a], must: found', '{"a":null}', '{}'],
  ])('%s', (_, keys, body, expected) => expect(shown(body, keys)).toBe(expected))
})

test('TR60: whatever the answer is, a hidden name is nowhere in it, and all else is', () => {
  const key = fc.constantFrom('location', 'Location', 'a', 'b', 'items')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.constantFrom('location', null, true),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const without = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(without)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (name.toLowerCase() === 'location' ? [] : [[name, without(inner)]])))
  }
  fc.assert(
    fc.property(tree, (value) => {
      expect(JSON.parse(shown(JSON.stringify(value), 'hide: [location]'))).toEqual(without(value))
    }),
    { numRuns: 300 },
  )
})

describe('TR60: many paths that are followed at once', () => {
  const names = Array.from({ length: 400 }, (_, index) => `a${index}`)
  const body = (items: number) => `${names.map((name) => `{"${name}":`).join('')}[${Array(items).fill('{"b":1}').join(',')}]${'}'.repeat(names.length)}`
  /** As of several shares that hold at once. */
  const obligations = [{ kind: 'hide', paths: names.map((name) => `$..${name}..z`), other_answers: 'refuse' }] as const

  test('TR60: an answer in which they cost more than is allowed is refused, however short it is', () => {
    const text = body(20_000)
    expect(text.length).toBeLessThan(TRANSFORM_MAX_BYTES / 4)
    const result = transformAnswer(Buffer.from(text), { obligations, now: NOW })
    expect(result.ok ? 'shown' : result.error).toBe('cannot_hide')
  })

  test('TR60: a usual one is shown', () => {
    const result = transformAnswer(Buffer.from(body(50)), { obligations, now: NOW })
    expect(result.ok && result.value.toString()).toBe(body(50))
  })
})
