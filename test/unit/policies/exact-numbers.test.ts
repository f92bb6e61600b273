// Numbers of rules and of answers are kept digit by digit, or refused.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { planObligations } from '../../../sidecar/obligations/answer-plan.ts'
import { transformAnswer } from '../../../sidecar/obligations/transform-answer.ts'

const attribute = (value: string) => `version: 1\nshares:\n  - { name: A, who: [a@example.test], what: [x], may: [y], only: { attributes: { n: ${value} } } }\n`

describe('TR62: numbers in rules', () => {
  test.each([
    '9007199254740993',
    '-9007199254740993',
    '0.12345678901234567891',
    '1e400',
    '1e-400',
    '012',
    '-012',
    '0x1F',
    '0o17',
    '.inf',
    '.nan',
    '1234567890123456789012',
  ])('%s is refused, with the remedy', (number) => {
    const read = parsePolicy({ text: attribute(number), file: 'r.yaml' })
    expect(read.ok ? [] : read.error.map(({ line, code, message }) => [line, code, message])).toContainEqual([
      3,
      'bad_value',
      expect.stringContaining(`("${number}")`),
    ])
    for (const bound of ['at_least', 'at_most']) expect(parsePolicy({ text: attribute(`{ ${bound}: ${number} }`), file: 'r.yaml' }).ok).toBe(false)
    expect(parsePolicy({ text: attribute(`"${number}"`), file: 'r.yaml' }).ok).toBe(true)
  })

  test.each([
    ['9007199254740992', 9007199254740992],
    ['0.1', 0.1],
    ['1.0', 1],
    ['1.50', 1.5],
    ['-0', 0],
    ['-0.0', 0],
    ['1e3', 1000],
    ['100000000000000000000', 1e20],
    ['+5', 5],
    ['.5', 0.5],
  ])('%s is kept', (text, number) => {
    const read = parsePolicy({ text: attribute(text), file: 'r.yaml' })
    expect(read.ok && read.value.shares[0]?.conditions[0]).toEqual({ kind: 'attributes', tests: [{ name: 'n', oneOf: [number] }] })
  })

  test('every number that JavaScript prints is kept', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(parsePolicy({ text: attribute(String(number)), file: 'r.yaml' }).ok).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('a distance is exact', () => {
    const read = parsePolicy({
      text: 'version: 1\nshares:\n  - { name: A, who: [a@example.test], what: [x], may: [y], round: { position: 1.001 km } }\n',
      file: 'r.yaml',
    })
    expect(read.ok && read.value.shares[0]?.obligations).toMatchObject([{ step: 1001 }])
  })

  test('a text that an earlier version saved is still read', () => {
    expect(parsePolicy({ text: attribute('012'), file: 'r.yaml', saved: true }).ok).toBe(true)
  })
})

function rounded(value: string, step: number | string): string {
  const text = `version: 1\nshares:\n  - { name: A, who: [a@example.test], what: [x], may: [y], round: { $.v: ${step} } }\n`
  const rules = parsePolicy({ text, file: 'r.yaml' })
  if (!rules.ok) throw new Error(JSON.stringify(rules.error))
  const plan = planObligations(rules.value.shares[0]?.obligations ?? [])
  if (!plan.ok) throw new Error(plan.error)
  const out = transformAnswer(Buffer.from(`{"v":${value}}`), { obligations: plan.value.answer, now: 0 })
  return out.ok ? out.value.toString().slice(5, -1) : out.error
}

describe('TR62: numbers in answers', () => {
  test.each([
    ['438544484291054295', 1, '438544484291054295'],
    ['438544484291054295', 10, '438544484291054300'],
    ['-438544484291054295', 10, '-438544484291054290'],
    ['0.30000000000000004', 0.1, '0.3'],
    ['0.25', 0.1, '0.3'],
    ['0.15', 0.1, '0.2'],
    ['1.005', 0.01, '1.01'],
    ['-2.5', 1, '-2'],
    ['-0.2', 1, '0'],
    ['1e3', 1, '1000'],
    ['12.50', 0.5, '12.5'],
    ['1e21', 1, '1000000000000000000000'],
    ['1e400', 1, 'obligation_impossible'],
    ['1e-9999999', 1, 'obligation_impossible'],
    ['1700000000.9999999999', '1 s', '1700000000'],
    ['"2026-11-23T10:59:59.999999999999Z"', '1 h', '"2026-11-23T10:00:00Z"'],
  ])('%s to %s is %s', (value, step, expected) => expect(rounded(value, step)).toBe(expected))

  test('a number of a million digits costs no time and is refused', () => {
    expect(rounded('9'.repeat(300_000), 1)).toBe('obligation_impossible')
    expect(rounded(`0.${'9'.repeat(300_000)}`, 1)).toBe('obligation_impossible')
  })

  test('whole numbers round as arithmetic says', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 1, max: 1000 }), (value, step) => {
        const got = BigInt(rounded(String(value), step))
        expect(got % BigInt(step)).toBe(0n)
        const distance = got > value ? got - value : value - got
        expect(2n * distance <= BigInt(step)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
