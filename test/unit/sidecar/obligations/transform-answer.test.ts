// What an owner's rules make of a JSON answer: hidden, kept, rounded, delayed, in the order that the plan gives; and what is refused.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Obligation } from '../../../../policies/contract/obligations.ts'
import { planObligations } from '../../../../sidecar/obligations/answer-plan.ts'
import { kindOfAnswer, letsOthersPass, transformAnswer } from '../../../../sidecar/obligations/transform-answer.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

function shown(body: string, ...obligations: readonly Obligation[]): string {
  const plan = planObligations(obligations)
  if (!plan.ok) throw new Error(plan.error)
  const result = transformAnswer(Buffer.from(body), { obligations: plan.value.answer, now: NOW })
  return result.ok ? result.value.toString() : `refused: ${result.error}`
}

const only = (...paths: readonly string[]): Obligation => ({ kind: 'only_fields', paths, other_answers: 'refuse' })
const hide = (...paths: readonly string[]): Obligation => ({ kind: 'hide', paths, other_answers: 'refuse' })
const round = (path: string, of: 'number' | 'position' | 'time', step: number): Obligation => ({ kind: 'round', path, of, step })
const delay = (path: string, seconds: number): Obligation => ({ kind: 'delay', path, seconds })

describe('only_fields', () => {
  test.each([
    ['one member', '{"t":1,"x":2}', only('$.t'), '{"t":1}'],
    ['what leads to it', '{"a":{"b":1,"c":2},"d":3}', only('$.a.b'), '{"a":{"b":1}}'],
    ['a whole branch', '{"a":{"b":1,"c":[2]},"d":3}', only('$.a'), '{"a":{"b":1,"c":[2]}}'],
    ['items of a list', '[{"t":1,"x":2},{"x":3},4]', only('$[*].t'), '[{"t":1},{}]'],
    ['every member', '{"a":{"t":1,"x":2},"b":{"t":3}}', only('$.*.t'), '{"a":{"t":1},"b":{"t":3}}'],
    ['nothing of it', '{"x":1}', only('$.t'), '{}'],
    ['a name with a space', '{"a b":1,"c":2}', only("$['a b']"), '{"a b":1}'],
    ['a name written with escapes', '{"\\u0074":1,"x":2}', only('$.t'), '{"\\u0074":1}'],
    ['both copies of a name', '{"t":1,"t":2,"x":3}', only('$.t'), '{"t":1,"t":2}'],
    ['numbers as written', '{"t":1.00,"n":9007199254740993}', only('$.t', '$.n'), '{"t":1.00,"n":9007199254740993}'],
    ['__proto__ is a name', '{"__proto__":{"t":1},"x":2}', only('$.__proto__'), '{"__proto__":{"t":1}}'],
    ['a scalar has no fields', '"secret"', only('$.t'), 'refused: cannot_hide'],
  ])('%s', (_, body, obligation, expected) => expect(shown(body, obligation)).toBe(expected))

  test('two of them leave what both show', () => expect(shown('{"a":1,"b":2,"c":3}', only('$.a', '$.b'), only('$.b', '$.c'))).toBe('{"b":2}'))
})

describe('round', () => {
  test.each([
    ['to whole numbers', '{"hz":439.6}', round('$.hz', 'number', 1), '{"hz":440}'],
    ['half goes up', '{"v":2.5}', round('$.v', 'number', 1), '{"v":3}'],
    ['to tenths, without dust', '{"v":0.31}', round('$.v', 'number', 0.1), '{"v":0.3}'],
    ['to tens', '{"v":-14}', round('$.v', 'number', 10), '{"v":-10}'],
    ['a negative zero is zero', '{"v":-0.4}', round('$.v', 'number', 1), '{"v":0}'],
    ['in lists', '{"s":[{"hz":1.4},{"hz":1.6}]}', round('$.s[*].hz', 'number', 1), '{"s":[{"hz":1},{"hz":2}]}'],
    ['what is not there', '{"x":1.5}', round('$.hz', 'number', 1), '{"x":1.5}'],
    ['null', '{"hz":null}', round('$.hz', 'number', 1), '{"hz":null}'],
    ['a text is no number', '{"hz":"439.6"}', round('$.hz', 'number', 1), 'refused: obligation_impossible'],
    ['nor is true', '{"hz":true}', round('$.hz', 'number', 1), 'refused: obligation_impossible'],
    ['nor a list', '{"hz":[439.6]}', round('$.hz', 'number', 1), 'refused: obligation_impossible'],
    ['a number beyond all numbers', '{"hz":1e400}', round('$.hz', 'number', 1), 'refused: obligation_impossible'],
    ['a time down to the hour', '{"at":"2026-11-23T11:59:59.999Z"}', round('$.at', 'time', 3600), '{"at":"2026-11-23T11:00:00Z"}'],
    ['a time with an offset', '{"at":"2026-11-23T12:59:59+01:00"}', round('$.at', 'time', 900), '{"at":"2026-11-23T11:45:00Z"}'],
    ['seconds', '{"at":1700000123}', round('$.at', 'time', 3600), '{"at":1699999200}'],
    ['milliseconds', '{"at":1700000123456}', round('$.at', 'time', 3600), '{"at":1699999200000}'],
    ['a date is no time', '{"at":"2026-11-23"}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['a place', '{"p":{"lat":48.85837,"lon":2.294481}}', round('$.p', 'position', 1000), '{"p":{"lat":48.859145,"lon":2.293866}}'],
    ['coordinates, and the height is gone', '{"c":[2.294481,48.85837,35.1]}', round('$.c', 'position', 1000), '{"c":[2.293866,48.859145]}'],
    [
      'a point of GeoJSON',
      '{"g":{"type":"Point","bbox":[1,2,1,2],"coordinates":[2.294481,48.85837]}}',
      round('$.g', 'position', 1000),
      '{"g":{"type":"Point","coordinates":[2.293866,48.859145]}}',
    ],
    ['the pole', '{"p":{"latitude":89.9999,"longitude":12.3}}', round('$.p', 'position', 1000), '{"p":{"latitude":90,"longitude":0}}'],
    ['a line is no place', '{"c":[[1,2],[3,4]]}', round('$.c', 'position', 1000), 'refused: obligation_impossible'],
    ['half a place', '{"p":{"lat":1}}', round('$.p', 'position', 1000), 'refused: obligation_impossible'],
    ['two latitudes', '{"p":{"lat":1,"latitude":2,"lon":3}}', round('$.p', 'position', 1000), 'refused: obligation_impossible'],
    ['a latitude off the earth', '{"p":{"lat":91,"lon":1}}', round('$.p', 'position', 1000), 'refused: obligation_impossible'],
  ])('%s', (_, body, obligation, expected) => expect(shown(body, obligation)).toBe(expected))

  test('numbers land on the grid, never further than half a step away', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0.01, 0.1, 0.5, 1, 5, 100), (value, step) => {
        const result = Number(JSON.parse(shown(JSON.stringify({ v: value }), round('$.v', 'number', step))).v)
        expect(Math.abs(result - value)).toBeLessThanOrEqual(step / 2 + 1e-6)
        expect(Math.abs(result / step - Math.round(result / step))).toBeLessThan(1e-6)
      }),
      { numRuns: 10_000 },
    )
  })

  test('neighbours in one cell of the grid cannot be told apart', () => {
    const place = (lat: number, lon: number) => shown(JSON.stringify({ p: { lat, lon } }), round('$.p', 'position', 1000))
    expect(place(48.8583, 2.2944)).toBe(place(48.8584, 2.2945))
    expect(place(48.8583, 2.2944)).not.toBe(place(48.8783, 2.2944))
  })
})

describe('delay', () => {
  const at = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString()
  test.each([
    ['exactly as old as that', JSON.stringify([{ at: at(15), v: 1 }]), delay('$[*].at', 900), `[{"at":"${at(15)}","v":1}]`],
    ['a second younger', JSON.stringify([{ at: new Date(NOW - 899_000).toISOString() }]), delay('$[*].at', 900), '[]'],
    ['some of them', JSON.stringify({ s: [{ at: at(1) }, { at: at(60) }] }), delay('$.s[*].at', 900), `{"s":[{"at":"${at(60)}"}]}`],
    ['in the future', JSON.stringify({ s: [{ at: at(-1) }] }), delay('$.s[*].at', 900), '{"s":[]}'],
    ['the answer as a whole', JSON.stringify({ at: at(1) }), delay('$.at', 900), 'refused: answer_too_recent'],
    ['old as a whole', JSON.stringify({ at: at(16) }), delay('$.at', 900), `{"at":"${at(16)}"}`],
    ['an item without a time', JSON.stringify({ s: [{ at: at(60) }, {}] }), delay('$.s[*].at', 900), 'refused: obligation_impossible'],
    ['a time that is none', '{"s":[{"at":"soon"}]}', delay('$.s[*].at', 900), 'refused: obligation_impossible'],
    ['no list at all', '{"x":1}', delay('$.s[*].at', 900), 'refused: obligation_impossible'],
    ['an empty list', '{"s":[]}', delay('$.s[*].at', 900), '{"s":[]}'],
    ['lists in lists', JSON.stringify([[{ at: at(1) }, { at: at(20) }], []]), delay('$[*][*].at', 900), `[[{"at":"${at(20)}"}],[]]`],
    ['seconds since 1970', JSON.stringify([{ at: NOW / 1000 - 10 }, { at: NOW / 1000 - 901 }]), delay('$[*].at', 900), `[{"at":${NOW / 1000 - 901}}]`],
  ])('%s', (_, body, obligation, expected) => expect(shown(body, obligation)).toBe(expected))
})

test('all of them together: too young out, fields kept, places hidden, the rest coarser, whatever their order', () => {
  const body = JSON.stringify({
    s: [
      { at: '2026-11-23T11:59:00Z', v: 1.26, who: 'a' },
      { at: '2026-11-23T10:00:00Z', v: 1.26, who: 'b', x: 1 },
    ],
    z: 1,
  })
  const expected = '{"s":[{"at":"2026-11-23T10:00:00Z","v":1.3}]}'
  const all = [round('$.s[*].v', 'number', 0.1), hide('$.s[*].who'), only('$.s[*].at', '$.s[*].v', '$.s[*].who'), delay('$.s[*].at', 900)]
  expect(shown(body, ...all)).toBe(expected)
  expect(shown(body, ...all.toReversed())).toBe(expected)
})

test('an obligation that nobody knows is none that can be kept', () => {
  expect(planObligations([{ kind: 'sing' } as unknown as Obligation])).toEqual({ ok: false, error: 'obligation_unknown' })
})

describe('answers that are not JSON', () => {
  const headers = (...pairs: readonly string[]) => pairs.map((text) => Buffer.from(text))
  test.each([
    [['Content-Type', 'application/json'], 'json'],
    [['content-type', 'application/geo+json; charset=UTF-8'], 'json'],
    [['Content-Type', 'image/png'], 'other'],
    [['Content-Type', 'text/json'], 'unclear'],
    [['Content-Type', 'application/json', 'Content-Encoding', 'gzip'], 'unclear'],
    [['Content-Type', 'application/json; charset=utf-16'], 'unclear'],
    [['Content-Type', 'image/png', 'Content-Type', 'application/json'], 'unclear'],
    [['X-A', '1'], 'unclear'],
    [['Content-Type', ''], 'unclear'],
  ] as const)('%j', (pairs, expected) => expect(kindOfAnswer(headers(...pairs))).toBe(expected))

  test('they pass only where every obligation lets them', () => {
    expect(letsOthersPass([{ kind: 'hide', paths: ['$.a'], other_answers: 'allow' }])).toBe(true)
    expect(
      letsOthersPass([
        { kind: 'hide', paths: ['$.a'], other_answers: 'allow' },
        { kind: 'only_fields', paths: ['$.a'], other_answers: 'refuse' },
      ]),
    ).toBe(false)
    expect(letsOthersPass([{ kind: 'round', path: '$.a', of: 'number', step: 1 }])).toBe(false)
  })
})
