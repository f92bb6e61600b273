// What an owner's rules make of a JSON answer: hidden, kept, rounded, delayed, in the order that the plan gives; and what is refused.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Obligation } from '../../../../policies/contract/obligations.ts'
import { planObligations } from '../../../../sidecar/obligations/answer-plan.ts'
import type { JsonArray, JsonScalar } from '../../../../sidecar/obligations/json-text.ts'
import { kindOfAnswer, letsOthersPass } from '../../../../sidecar/obligations/kind-of-answer.ts'
import { roundPosition } from '../../../../sidecar/obligations/round-position.ts'
import { transformAnswer } from '../../../../sidecar/obligations/transform-answer.ts'
import { propertyRuns } from '../../../support/runs.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

function shown(body: string, ...obligations: readonly Obligation[]): string {
  const plan = planObligations(obligations)
  if (!plan.ok) throw new Error(plan.error)
  const result = transformAnswer(Buffer.from(body), { obligations: plan.value.answer, now: NOW })
  return result.ok ? result.value.toString() : `refused: ${result.error}`
}

const scalar = (value: number): JsonScalar => ({ kind: 'scalar', text: String(value) })
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
    ['a name that stands twice', '{"t":1,"t":2,"x":3}', only('$.t'), 'refused: cannot_hide'],
    ['twice, once with escapes, far from what is asked for', '{"t":1,"x":[{"a":1,"\\u0061":2}]}', only('$.t'), 'refused: cannot_hide'],
    ['twice among many', `{${Array.from({ length: 12 }, (_, index) => `"m${index}":1`).join(',')},"m11":2}`, only('$.t'), 'refused: cannot_hide'],
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
    ['a multiple beyond all numbers', '{"hz":1e308}', round('$.hz', 'number', 0.01), 'refused: obligation_impossible'],
    ['one that is too small to tell', '{"hz":5e-324}', round('$.hz', 'number', 0.1), '{"hz":0}'],
    ['tenths that are no binary fractions', '{"v":0.29999999999999998}', round('$.v', 'number', 0.1), '{"v":0.3}'],
    ['a number beyond all numbers', '{"hz":1e400}', round('$.hz', 'number', 1), 'refused: obligation_impossible'],
    ['a time down to the hour', '{"at":"2026-11-23T11:59:59.999Z"}', round('$.at', 'time', 3600), '{"at":"2026-11-23T11:00:00Z"}'],
    ['a time with an offset', '{"at":"2026-11-23T12:59:59+01:00"}', round('$.at', 'time', 900), '{"at":"2026-11-23T11:45:00Z"}'],
    ['seconds', '{"at":1700000123}', round('$.at', 'time', 3600), '{"at":1699999200}'],
    ['milliseconds', '{"at":1700000123456}', round('$.at', 'time', 3600), '{"at":1699999200000}'],
    ['seconds with a fraction', '{"at":1700000123.75}', round('$.at', 'time', 60), '{"at":1700000100}'],
    ['the last second that is no millisecond', '{"at":99999999999}', round('$.at', 'time', 3600), '{"at":99999997200}'],
    ['the first millisecond', '{"at":100000000000}', round('$.at', 'time', 3600), '{"at":99997200000}'],
    ['microseconds are no time', '{"at":1700000123456789}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['the last millisecond of all', '{"at":253402300799999}', round('$.at', 'time', 1), '{"at":253402300799000}'],
    ['one more', '{"at":253402300800000}', round('$.at', 'time', 1), 'refused: obligation_impossible'],
    ['seconds before 1970 are no time', '{"at":-1}', round('$.at', 'time', 60), 'refused: obligation_impossible'],
    ['a text before 1970', '{"at":"1969-12-31T23:59:59Z"}', round('$.at', 'time', 60), '{"at":"1969-12-31T23:59:00Z"}'],
    ['small letters', '{"at":"2026-11-23t11:59:59z"}', round('$.at', 'time', 3600), '{"at":"2026-11-23T11:00:00Z"}'],
    ['a day that does not exist', '{"at":"2026-02-29T00:00:00Z"}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['a leap day', '{"at":"2028-02-29T00:00:01Z"}', round('$.at', 'time', 3600), '{"at":"2028-02-29T00:00:00Z"}'],
    ['an hour that does not exist', '{"at":"2026-11-23T24:00:00Z"}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['a time without an offset', '{"at":"2026-11-23T11:00:00"}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['the end of year 9999 somewhere', '{"at":"9999-12-31T23:59:59-01:00"}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['the year 0', '{"at":"0000-01-01T00:00:00+14:00"}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['a date is no time', '{"at":"2026-11-23"}', round('$.at', 'time', 3600), 'refused: obligation_impossible'],
    ['a place', '{"p":{"lat":48.85837,"lon":2.294481}}', round('$.p', 'position', 1000), '{"p":{"lat":48.854946,"lon":2.29562}}'],
    ['coordinates, and the height is gone', '{"c":[2.294481,48.85837,35.1]}', round('$.c', 'position', 1000), '{"c":[2.29562,48.854946]}'],
    [
      'a point of GeoJSON',
      '{"g":{"type":"Point","bbox":[1,2,1,2],"coordinates":[2.294481,48.85837]}}',
      round('$.g', 'position', 1000),
      '{"g":{"type":"Point","coordinates":[2.29562,48.854946]}}',
    ],
    ['the pole', '{"p":{"latitude":89.9999,"longitude":12.3}}', round('$.p', 'position', 1000), '{"p":{"latitude":89.995478,"longitude":0}}'],
    ['a place that nobody knows', '{"p":{"lat":null,"lon":null}}', round('$.p', 'position', 1000), '{"p":{"lat":null,"lon":null}}'],
    ['half a place that nobody knows', '{"p":{"lat":null,"lon":1}}', round('$.p', 'position', 1000), 'refused: obligation_impossible'],
    ['a place in texts', '{"p":{"lat":"1","lon":"2"}}', round('$.p', 'position', 1000), 'refused: obligation_impossible'],
    ['a longitude off the earth', '{"p":{"lat":1,"lon":180.1}}', round('$.p', 'position', 1000), 'refused: obligation_impossible'],
    ['half the earth is one place', '{"p":{"lat":48,"lon":2}}', round('$.p', 'position', 20_000_000), '{"p":{"lat":0,"lon":0}}'],
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
      { numRuns: propertyRuns() },
    )
  })

  test.each([0, 17.3, -45, 59.99, -77, 89.5])('around latitude %d no cell of 10 km is smaller than that, at the date line either', (lat) => {
    const cell = (longitude: number): string => {
      const place: JsonArray = { kind: 'array', items: [scalar(longitude), scalar(lat)] }
      roundPosition(place, 10_000)
      return (place.items[0] as JsonScalar).text
    }
    const stepDegrees = 0.002
    let smallest = Number.POSITIVE_INFINITY
    let begun = -180
    let last = cell(begun)
    for (let index = 1; index <= 360 / stepDegrees; index += 1) {
      const longitude = Math.min(180, -180 + index * stepDegrees)
      const found = cell(longitude)
      if (found === last && longitude < 180) continue
      smallest = Math.min(smallest, longitude - begun)
      begun = longitude
      last = found
    }
    expect(smallest * 111_320 * Math.cos((lat * Math.PI) / 180)).toBeGreaterThanOrEqual(lat === 89.5 ? 9_000 : 9_850)
  })

  test('a place is never moved by more than its cell', () => {
    fc.assert(
      fc.property(fc.double({ min: -80, max: 80, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }), (lat, lon) => {
        const { p } = JSON.parse(shown(JSON.stringify({ p: { lat, lon } }), round('$.p', 'position', 10_000))) as { p: { lat: number; lon: number } }
        expect(Math.abs(p.lat - lat) * 111_000).toBeLessThan(5_100)
        expect(Math.abs(p.lon - lon) * 111_000 * Math.cos((lat * Math.PI) / 180)).toBeLessThan(5_200)
      }),
      { numRuns: propertyRuns() },
    )
  })

  test('a place that was rounded stays where it is', () => {
    fc.assert(
      fc.property(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }), (lat, lon) => {
        const once = shown(JSON.stringify({ p: { lat, lon } }), round('$.p', 'position', 100))
        expect(shown(once, round('$.p', 'position', 100))).toBe(once)
      }),
      { numRuns: propertyRuns() },
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
    [['Content-Type', 'application/json; profile="a;b"; charset=utf-8'], 'json'],
    [['Content-Type', 'application/json; odata.metadata=minimal'], 'json'],
    [['Content-Type', 'application/json; charset=utf-8; charset=utf-16'], 'unclear'],
    [['Content-Type', 'application/json, text/plain'], 'unclear'],
    [['Content-Type', 'application/jsonl'], 'unclear'],
    [['Content-Type', 'application/json', 'Content-Range', 'bytes 0-1/2'], 'unclear'],
    [['Content-Length', '0'], 'empty'],
    [['Content-Length', '00'], 'unclear'],
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
