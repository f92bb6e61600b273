// Who gains and who loses, as a person reads it; and what is only written otherwise.
import { describe, expect, test } from 'vitest'
import { diffPolicies } from '../../../../policies/analysis/diff-policies.ts'
import { STATES_MAX } from '../../../../policies/analysis/reachable-states.ts'
import { ruleSetOf } from './documents.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const HEAD = 'version: 1\ndefaults: { timezone: Europe/Paris }\n'

function diff(before: string, after: string, head = HEAD) {
  const texts = { before: `${head}${before}`, after: `${head}${after}` }
  return diffPolicies({ before: ruleSetOf(texts.before), after: ruleSetOf(texts.after), household: {}, now: NOW, texts })
}

const shares = (...rows: readonly string[]) => `shares:\n${rows.map((row) => `  - { ${row} }\n`).join('')}`
const BOB = 'name: Bob, who: [bob@example.test], what: [guitar, amp], may: [play, read]'

describe('changes', () => {
  test.each([
    {
      title: 'a new share, all its cells in one row',
      before: '',
      after: shares(BOB),
      text: 'bob@example.test gains play, read of guitar, amp. Before: nothing. After: allowed: "Bob" (line 4).',
    },
    {
      title: 'hours that move: some gain, some lose',
      before: shares(`${BOB}, only: { between: "08:00-12:00" }`),
      after: shares(`${BOB}, only: { between: "10:00-14:00" }`),
      text: [
        'bob@example.test gains play, read of guitar, amp. Before: nothing then; otherwise allowed from 08:00 to 12:00 (Europe/Paris): "Bob" (line 4). After: allowed from 10:00 to 14:00 (Europe/Paris): "Bob" (line 4).',
        'bob@example.test loses play, read of guitar, amp. Before: allowed from 08:00 to 12:00 (Europe/Paris): "Bob" (line 4). After: nothing then; otherwise allowed from 10:00 to 14:00 (Europe/Paris): "Bob" (line 4).',
      ].join('\n'),
    },
    {
      title: 'a share that now asks, and hides',
      before: shares(BOB),
      after: shares(`${BOB}, ask: true, hide: [$.a]`),
      text: 'bob@example.test keeps, under different conditions, play, read of guitar, amp. Before: allowed: "Bob" (line 4). After: the owner is asked once, without seeing $.a: "Bob" (line 4).',
    },
    {
      title: 'a block',
      before: shares(BOB),
      after: `${shares(BOB)}block:\n  - { who: [bob@example.test], what: [amp] }\n`,
      text: 'bob@example.test loses play, read of amp. Before: allowed: "Bob" (line 4). After: blocked: the block of line 6.',
    },
  ])('$title', ({ before, after, text }) => {
    const found = diff(before, after)
    expect(found.text.slice(0, -1).join('\n')).toBe(text)
    expect(found.text.at(-1)).toMatch(/^Complete: all \d+ combinations/)
  })
})

describe('only reworded', () => {
  test.each([
    { title: 'a name', before: shares(BOB), after: shares(BOB.replace('Bob', 'Robert')), kind: 'renamed' },
    {
      title: 'the order of shares',
      before: shares(BOB, `${BOB.replace('Bob', 'B')}, hide: [$.a]`),
      after: shares(`${BOB.replace('Bob', 'B')}, hide: [$.a]`, BOB),
      kind: 'moved',
    },
    { title: 'a comment', before: shares(BOB), after: `# now with a comment\n${shares(BOB)}`, kind: 'text' },
    { title: 'a share split in two', before: shares(BOB), after: shares(BOB.replace('guitar, ', ''), BOB.replace(', amp', '')), kind: 'rewritten' },
    {
      title: 'a share that another hides',
      before: shares(BOB),
      after: shares(BOB, 'name: Less, who: [bob@example.test], what: [amp], may: [read]'),
      kind: 'added',
    },
    { title: 'an end that has come', before: shares(`${BOB}, until: 2026-01-01`), after: 'shares: []\n', kind: 'removed' },
  ])('$title', ({ before, after, kind }) => {
    const found = diff(before, after)
    expect(found.cells).toEqual([])
    expect(found.reworded.map((one) => one.kind)).toContain(kind)
    expect(found.text).toContain('Nobody gains or loses access.')
  })

  test('the same text says nothing', () => {
    expect(diff(shares(BOB), shares(BOB)).reworded).toEqual([])
  })
})

test('what cannot be tried to the end is said to be sampled, and comes out alike each time', () => {
  const many = Array.from(
    { length: 13 },
    (_, index) => `name: S${index}, who: [bob@example.test], what: [guitar], may: [play], only: { attributes: { a${index}: on } }`,
  )
  const found = diff(shares(...many), shares(...many, 'name: New, who: [bob@example.test], what: [guitar], may: [play], only: { attributes: { b: on } }'))
  expect(2 ** 14).toBeGreaterThan(STATES_MAX)
  expect(found.coverage).toBe('sampled')
  expect(found.counts.sampled).toBe(1)
  expect(found.text.at(-1)).toMatch(/^Sampled: in 1 of \d+ combinations/)
  expect(found.gains).toHaveLength(1)
})
