// Shares that last until a button, and blocks of some abilities at some hours: edited, told in sentences, compared and listed.
import { describe, expect, test } from 'vitest'
import { diffPolicies } from '../../../../policies/analysis/diff-policies.ts'
import { findWarnings } from '../../../../policies/analysis/find-warnings.ts'
import { listAccess } from '../../../../policies/analysis/list-access.ts'
import { addStop } from '../../../../policies/edit/add-stop.ts'
import { appendShare } from '../../../../policies/edit/append-share.ts'
import { editShare } from '../../../../policies/edit/edit-share.ts'
import { finishShare, sharesUntilDone } from '../../../../policies/edit/finish-share.ts'
import type { RuleSet } from '../../../../policies/model/rule-set.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'
import { readSentences } from '../../../../policies/sentence/read-sentences.ts'
import { sentenceToShare } from '../../../../policies/sentence/sentence-to-share.ts'
import { shareSentence } from '../../../../policies/sentence/share-sentence.ts'

const NOW = Date.parse('2026-11-23T10:00:00Z')
const file = 'r.yaml'

function rules(text: string): RuleSet {
  const read = parsePolicy({ text, file, now: NOW })
  if (!read.ok) throw new Error(JSON.stringify(read.error))
  return read.value
}

const REPAIR = `version: 1
shares:
  # the shop
  - name: Repair
    who: [shop@example.test]
    what: [car]
    may: [diagnose] # only that
    until: done
    remind: 3 days
  - { name: Other, who: [bob@example.test], what: [car], may: [drive], until: "2030-01-01T00:00:00Z" }
`

describe('TR64: until: done', () => {
  test('the button writes the end in place, and the reminder goes', () => {
    const after = finishShare({ text: REPAIR, file, index: 0, now: NOW })
    expect(after.ok && after.value).toBe(REPAIR.replace('until: done\n    remind: 3 days', 'until: "2026-11-23T10:00:00.000Z"'))
  })

  test.each([
    ['a share with an end of its own', 1],
    ['no share', 2],
  ])('%s does not wait for the button', (_, index) => {
    expect(finishShare({ text: REPAIR, file, index, now: NOW })).toMatchObject({ ok: false, error: [{ code: 'edit_refused' }] })
  })

  test('the shares that wait are listed with their reminders', () => {
    expect(sharesUntilDone(rules(REPAIR)).map(({ share, remindSeconds }) => [share.name, remindSeconds])).toEqual([['Repair', 3 * 86_400]])
    expect(sharesUntilDone(rules(REPAIR.replace('    remind: 3 days\n', ''))).map((one) => one.remindSeconds)).toEqual([604_800])
  })

  test('the sentence says so, and is the way back to the same share', () => {
    const [share] = rules(REPAIR).shares
    if (share === undefined) throw new Error('no share')
    const sentence = shareSentence(share, rules(REPAIR))
    expect(sentence.text).toBe('shop@example.test may diagnose on car, until you mark it as done, with a reminder every 3 days.')
    const again = appendShare('version: 1\n', sentenceToShare(sentence))
    expect(again.ok && rules(again.value).shares[0]).toEqual({ ...share, line: 3 })
  })

  test('another end takes the reminder along, and such a share needs no other end', () => {
    const edited = editShare({ text: REPAIR, file, index: 0, part: 'until', value: '2027-01-01T00:00:00Z' })
    expect(edited.ok && edited.value).not.toContain('remind')
    expect(findWarnings(rules(REPAIR), { text: REPAIR, now: NOW }).map(({ code }) => code)).toEqual([])
  })
})

const OPEN = `version: 1
timezone: UTC
calendars: { holidays: [2026-12-25] }
shares:
  - { name: All, who: [bob@example.test], what: [camera], may: [view, move], until: "2030-01-01T00:00:00Z" }
`

describe('TR64: blocks with may and only', () => {
  const blocked = addStop({
    text: OPEN,
    file,
    list: 'block',
    stop: { name: 'Night', what: ['camera'], may: ['view'], only: { between: '22:00-06:00', except: 'holidays' } },
  })
  const text = blocked.ok ? blocked.value : ''

  test('are written, and said', () => {
    const sentences = readSentences({ text, file })
    expect(sentences.ok && sentences.value.block.map((one) => one.text)).toEqual([
      'Nobody may view on camera, not on holidays (UTC), from 22:00 to 06:00 (UTC), regardless of other rules.',
    ])
  })

  test('are compared: who loses what', () => {
    const { gains, loses } = diffPolicies({ before: rules(OPEN), after: rules(text), household: {}, now: NOW })
    expect(gains).toEqual([])
    expect(loses.map((row) => row.text)).toEqual([expect.stringMatching(/^bob@example\.test loses view of camera/)])
  })

  test('are listed: sometimes, and other abilities always', () => {
    const table = listAccess({ ruleSet: rules(text.replace(/, until: [^}]*/, '')), household: {}, now: NOW })
    const of = (may: string) =>
      table.cells.find(({ person, thing, ability }) => person.id === 'bob@example.test' && thing.id === 'thing:camera' && ability.id === may)?.answer
    expect([of('view'), of('move')]).toEqual(['sometimes', 'allow'])
  })

  test('do not make a share useless, unless they take all of it', () => {
    const warn = (block: string) => {
      const all = `${OPEN}block:\n  - ${block}\n`
      return findWarnings(rules(all), { text: all, now: NOW })
        .map(({ code }) => code)
        .filter((code) => code === 'share_never_fits')
    }
    expect(warn('{ who: [bob@example.test], may: [view] }')).toEqual([])
    expect(warn('{ what: [camera], only: { between: "22:00-06:00" } }')).toEqual([])
    expect(warn('{ who: [bob@example.test], may: [view, move] }')).toEqual(['share_never_fits'])
    expect(warn('{ who: [bob@example.test] }')).toEqual(['share_never_fits'])
  })
})
