// `for` becomes `until` with an instant; every other byte stays.
import { expect, test } from 'vitest'
import { resolveRelativeEnds } from '../../../../policies/edit/resolve-relative-ends.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'

const now = Date.parse('2026-11-23T10:00:00.250Z')
const file = 'p.yaml'
const REST = 'name: A, who: [a@example.test], what: [x], may: [y]'

test.each([
  [
    'block style, a comment behind',
    'shares:\n  - name: A\n    who: [a@example.test]\n    what: [x]\n    may: [y]\n    for: 2 h   # "for": 2 h\n    ask: true\n',
    [['for: 2 h ', 'until: "2026-11-23T12:00:00.250Z" ']],
  ],
  [
    'flow style',
    `shares: [{ ${REST}, for: 15 min }, {for: "1 week",${REST}}]\n`,
    [
      ['for: 15 min', 'until: "2026-11-23T10:15:00.250Z"'],
      ['for: "1 week"', 'until: "2026-11-30T10:00:00.250Z"'],
    ],
  ],
  [
    'JSON',
    '{"shares": [{"name": "A", "who": ["a@example.test"], "what": ["x"], "may": ["y"], "for" : "3 days"}],\n',
    [['"for" : "3 days"', '"until" : "2026-11-26T10:00:00.250Z"']],
  ],
  [
    'the value on a line of its own',
    `shares:\n  - { ${REST} }\n  - name: B\n    for: # how long\n      1 s\n    who: [anyone-with-link]\n    what: [x]\n    may: [y]\n`,
    [
      ['for: #', 'until: #'],
      ['      1 s', '      "2026-11-23T10:00:01.250Z"'],
    ],
  ],
  ['nothing to do', `shares:\n  - { ${REST}, until: 2026-12-31 } # for: 2 h\ntimezone: UTC\n`, []],
] as const)('%s', (_, rest, changes) => {
  const whole = rest.startsWith('{') ? `${rest}"version": 1}` : `version: 1\n${rest}`
  for (const text of [whole, whole.replaceAll('\n', '\r\n'), `\uFEFF${whole}`]) {
    const expected = changes.reduce((before, [from, to]) => before.replace(from, to), text)
    expect(resolveRelativeEnds({ text, file, now })).toEqual({ ok: true, value: expected })
    expect(parsePolicy({ text: expected, file }).ok).toBe(true)
  }
})

test.each([
  [
    'a text over lines',
    `shares:\n  - { ${REST} }\n  - name: B\n    who: [b@example.test]\n    what: [x]\n    may: [y]\n    for: >-\n      2 h\n`,
    'hand_written',
  ],
  ['no span', `shares:\n  - { ${REST}, for: soon }\n`, 'bad_duration'],
  ['both ends', `shares:\n  - { ${REST}, for: 2 h, until: "2026-12-31T00:00:00Z" }\n`, 'bad_value'],
  ['no YAML', 'shares: [\n', 'yaml_syntax'],
] as const)('refused: %s', (_, rest, code) => {
  expect(resolveRelativeEnds({ text: `version: 1\n${rest}`, file, now })).toMatchObject({ ok: false, error: [{ code }] })
})
