// One part of one share changes, and the rest of the text stays as it was: comments, order, spacing, line ends.
import { expect, test } from 'vitest'
import { editShare, type ShareEdit } from '../../../../policies/edit/edit-share.ts'

const file = 'policy.yaml'
const TEXT = `# The house rules
version: 1
timezone: Europe/Paris   # home
people: { band: [bob@example.test] }

shares:
  # the band
  - name: "The band"   # since 2024
    who:   [band, 'carol@example.test']  # both
    what:
      - guitar-0042
      - type:amp

    may: [play, read]
    only: { days: [mon-fri], between: "08:00-22:00" }  # not at night
    until: 2026-12-31
    hide:
      - $.location   # never
      - $.owner

  - { name: Shop, who: [anyone-signed-in], what: [guitar-0042], may: [diagnose], ask: true }  # repair
pause: [] # none
`

type Row = readonly [title: string, edit: Partial<ShareEdit> & Pick<ShareEdit, 'part'>, before: string, after: string]

const ROWS: readonly Row[] = [
  ['a name', { part: 'name', value: 'Our band' }, 'name: "The band"   # since', 'name: "Our band"   # since'],
  [
    'a list on one line',
    { part: 'who', value: ['carol@example.test', 'dan@example.test'] },
    "[band, 'carol@example.test']",
    "['carol@example.test', dan@example.test]",
  ],
  ['a list over lines', { part: 'what', value: ['type:amp', 'drum kit'] }, '- guitar-0042\n      - type:amp\n', '- type:amp\n      - "drum kit"\n'],
  ['a condition', { part: 'between', value: '09:00-10:00' }, '"08:00-22:00"', '"09:00-10:00"'],
  ['a condition that was not there', { part: 'purpose', value: 'rehearsal' }, '"08:00-22:00" }', '"08:00-22:00", purpose: rehearsal }'],
  ['a condition away', { part: 'days' }, 'days: [mon-fri], ', ''],
  ['the end', { part: 'until', value: '2027-01-31' }, 'until: 2026-12-31', 'until: "2027-01-31"'],
  ['the end away', { part: 'until' }, '    until: 2026-12-31\n', ''],
  ['a beginning', { part: 'begins', value: '2026-12-01' }, '    until:', '    from: "2026-12-01"\n    until:'],
  ['an obligation', { part: 'notify', value: true }, '      - $.owner\n', '      - $.owner\n    notify: true\n'],
  ['asking', { part: 'ask', value: true }, '      - $.owner\n', '      - $.owner\n    ask: true\n'],
  ['a span in place of the end', { part: 'for', value: '2 h', now: 0 }, 'until: 2026-12-31', 'for: "2 h"'],
  ['asking away', { part: 'ask', index: 1 }, ', ask: true }', ' }'],
  ['a condition in a share on one line', { part: 'days', index: 1, value: ['sat'] }, '[diagnose], ask', '[diagnose], only: { days: [sat] }, ask'],
  ['by its line', { part: 'may', index: undefined, line: 8, value: ['play'] }, 'may: [play, read]', 'may: [play]'],
]

test.each(ROWS)('%s', (_, edit, before, after) => {
  for (const end of ['\n', '\r\n']) {
    for (const mark of ['', '\uFEFF']) {
      const text = mark + TEXT.replaceAll('\n', end)
      const expected = mark + TEXT.replace(before, after).replaceAll('\n', end)
      expect(expected).not.toBe(text)
      expect(editShare({ text, file, index: 0, ...edit })).toEqual({ ok: true, value: expected })
    }
  }
})

test.each([
  ['a list with a comment in it', { part: 'hide', value: ['$.a'] }, { code: 'hand_written', line: 17 }],
  ['taking it away', { part: 'hide' }, { code: 'hand_written', line: 17 }],
  ['a value that is wrong', { part: 'days', value: ['noday'] }, { code: 'bad_value', line: 15 }],
  ['what a share must have', { part: 'who' }, { code: 'missing_key', line: 8 }],
  ['a share that is not there', { part: 'may', index: 7, value: ['play'] }, { code: 'edit_refused' }],
  ['a line without a share', { part: 'may', index: undefined, line: 9, value: ['play'] }, { code: 'edit_refused' }],
] as const)('refused: %s', (_, edit, expected) => {
  expect(editShare({ text: TEXT, file, index: 0, ...edit })).toMatchObject({ ok: false, error: [expected] })
})

test('the same value again, or taking away what is not there, leaves the text as it is', () => {
  expect(editShare({ text: TEXT, file, index: 0, part: 'round' })).toEqual({ ok: true, value: TEXT })
  expect(editShare({ text: TEXT, file, index: 1, part: 'days' })).toEqual({ ok: true, value: TEXT })
  expect(editShare({ text: TEXT, file, index: 0, part: 'may', value: ['play', 'read'] })).toEqual({ ok: true, value: TEXT })
})
