// One layout: what it changes, what it keeps, what it refuses.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPolicy } from '../../../../policies/edit/format-policy.ts'
import { propertyRuns } from '../../../support/runs.ts'

const file = 'p.yaml'
const lay = (text: string) => {
  const laid = formatPolicy({ text, file })
  if (!laid.ok) throw new Error(JSON.stringify(laid.error))
  return laid.value
}
const share = (name: string) => `  - name: ${name}\n    who: [a@example.test]\n    what: [x]\n    may: [y]\n`

test.each([
  ['an empty text', '', ''],
  ['a comment alone', '\uFEFF# mine  \r\n', '# mine\n'],
  [
    'keys in one order, comments with their keys',
    'version: 1\nshares:\n- may: [y] # may\n\n  # the name\n  name:   A  # n\n  ask: true\n  what: [ x ]\n  only: {timezone: UTC, days: [mon]}\n  who: ["a@example.test"]',
    'version: 1\nshares:\n  # the name\n  - name: A # n\n    who: ["a@example.test"]\n    what: [x]\n    may: [y] # may\n    only: { days: [mon], timezone: UTC }\n    ask: true\n',
  ],
  [
    'shares over lines, the comment of a line before it',
    'version: 1\nshares: [{name: A, who: [a@example.test], what: [x], may: [y]}] # all\n',
    `version: 1\nshares:\n  # all\n${share('A')}`,
  ],
  [
    'JSON',
    '{"version": 1, "shares": [{"name": "A", "who": ["a"], "what": ["x"], "may": ["y"]}], "people": {"a": "a@example.test"}}',
    'version: 1\nshares:\n  - name: "A"\n    who: ["a"]\n    what: ["x"]\n    may: ["y"]\npeople: { a: "a@example.test" }\n',
  ],
  [
    'comments between shares',
    `version: 1\nshares:\n${share('A')}    # of A\n  # of B\n${share('B')}    # end of B\n  # of the list\n# of block\nblock: []\n`,
    undefined,
  ],
  [
    'blank lines between parts, one each',
    `# top\n\n\nversion: 1\n\n\nshares:\n${share('A')}\n\n\n${share('B')}`,
    `# top\n\nversion: 1\n\nshares:\n${share('A')}\n${share('B')}`,
  ],
  [
    'a long list',
    `version: 1\nshares:\n${share('A')}`.replace('[x]', `[${'x'.repeat(60)}, ${'y'.repeat(60)}]`),
    `version: 1\nshares:\n${share('A')}`.replace(' [x]', `\n      - ${'x'.repeat(60)}\n      - ${'y'.repeat(60)}`),
  ],
  ['a list over lines stays one', `version: 1\nshares:\n${share('A')}`.replace(' [x]', '\n      - x'), undefined],
  ['`for` stays `for`', `version: 1\nshares:\n${share('A')}    for: 2 h\n`, undefined],
] as const)('%s', (_, text, expected) => {
  expect(lay(text)).toBe(expected ?? text)
  expect(lay(lay(text))).toBe(lay(text))
})

test('a text with mistakes is refused with its diagnostics', () => {
  expect(formatPolicy({ text: 'version: 1\nsahres: []\n', file })).toMatchObject({ ok: false, error: [{ line: 2, code: 'unknown_key' }] })
  expect(formatPolicy({ text: 'version: 2\n', file })).toMatchObject({ ok: false, error: [{ line: 1, column: 10 }] })
})

// Lines as their indent in steps, so that a layout may change nothing but the width of a step.
const lines = fc.array(fc.tuple(fc.constantFrom('share', 'list', 'end'), fc.nat(2), fc.boolean()), { minLength: 1, maxLength: 8 })

test('where the keys stand in order already, only spaces change: each comment stays before and behind the same words', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 5 }), fc.boolean(), (rows, step, crlf) => {
      let notes = 0
      const note = (depth: number, often: boolean) => (often ? `${' '.repeat(depth * step)}# c${++notes}\n` : '')
      const pad = ' '.repeat(step * 2)
      const dash = `${' '.repeat(step)}-${' '.repeat(Math.max(1, step - 1))}`
      const inner = ' '.repeat(dash.length)
      const shares = rows.map(([kind, depth, more], index) => {
        const list = kind === 'list' ? `${inner}hide:\n${inner}${pad}- $.a # t${index}\n${inner}${pad}- $.b\n` : ''
        return `${note(1, depth === 1)}${dash}name: N${index}\n${inner}who: [a@example.test] # w${index}\n${inner}what: [x]\n${more ? `${inner}# m${index}\n` : ''}${inner}may: [y]\n${list}${kind === 'end' ? `${inner}# e${index}\n` : ''}`
      })
      const text = `# top\nversion: 1\nshares:\n${shares.join('')}${note(1, rows.length > 2)}# block\nblock: []\n# bottom\n`
      const laid = lay(crlf ? text.replaceAll('\n', '\r\n') : text)
      expect(laid.replace(/\s+/g, ' ')).toBe(text.replace(/\s+/g, ' '))
    }),
    { numRuns: propertyRuns() },
  )
})
