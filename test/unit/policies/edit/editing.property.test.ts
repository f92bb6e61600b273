// For documents in many styles, with comments everywhere: an edit touches its own part and nothing else, and refuses only what is written by hand.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addStop } from '../../../../policies/edit/add-stop.ts'
import { editShare } from '../../../../policies/edit/edit-share.ts'
import { formatPolicy } from '../../../../policies/edit/format-policy.ts'
import { pathOf } from '../../../../policies/edit/parts.ts'
import { removeShare, removeStop } from '../../../../policies/edit/remove-entry.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'
import { PARTS, type Part, partValues, type StyledDocument, styledDocument } from './styled-documents.ts'

const file = 'p.yaml'
const numRuns = 10_000
// A busy machine needs minutes.
const timeout = 1_800_000

function rulesOf(text: string) {
  const rules = parsePolicy({ text, file })
  if (!rules.ok) throw new Error(`${JSON.stringify(rules.error)}\n${text}`)
  const { shares, block, pause } = rules.value
  return { shares: shares.map((one) => ({ ...one, line: 0 })), stops: [...block, ...pause].map((one) => ({ ...one, line: 0 })) }
}

const setting = fc.constantFrom(...PARTS).chain((part) => fc.record({ part: fc.constant(part), value: partValues[part] as fc.Arbitrary<never> }))

test('setting a part: one place changes, in its span or as one insertion', { timeout }, () => {
  const seen = { set: 0, added: 0, refused: 0 }
  fc.assert(
    fc.property(styledDocument, setting, fc.nat(), (document, { part, value }, at) => {
      const index = at % document.values.shares.length
      const span = spanOf(document, part, index)
      const result = editShare({ text: document.text, file, index, part, value })
      if (!result.ok) {
        seen.refused += 1
        const { code } = result.error[0] ?? {}
        expect({ code, odd: span?.odd, text: document.text, part }).toMatchObject({ code: 'hand_written', odd: true })
        return
      }
      expectOthersSame(document, result.value, index)
      const { text } = document
      if (span === undefined) {
        seen.added += 1
        expect(isOneInsertion(text, result.value)).toBe(true)
      } else {
        seen.set += 1
        expect(result.value.startsWith(text.slice(0, span.start))).toBe(true)
        expect(result.value.endsWith(text.slice(span.end))).toBe(true)
      }
    }),
    { numRuns },
  )
  expect(Math.min(seen.set, seen.added, seen.refused)).toBeGreaterThan(numRuns / 200)
})

const removable = PARTS.filter((part) => !['name', 'who', 'what', 'may'].includes(part))

test('taking a part away: its line or its place goes, and no comment', { timeout }, () => {
  const seen = { removed: 0, absent: 0, refused: 0 }
  fc.assert(
    fc.property(styledDocument, fc.constantFrom(...removable), fc.nat(), ({ text, ...document }, part, at) => {
      const index = at % document.values.shares.length
      const span = spanOf({ text, ...document }, part, index)
      const result = editShare({ text, file, index, part })
      if (!result.ok) {
        seen.refused += 1
        // The place between two parts of one line or at the head of an entry may hold a comment too.
        expect(span).toBeDefined()
        expect(result.error).toMatchObject([{ code: 'hand_written' }])
        return
      }
      if (span === undefined) {
        seen.absent += 1
        expect(result.value).toBe(text)
        return
      }
      seen.removed += 1
      expectOthersSame({ text, ...document }, result.value, index)
      expect(commentsOf(result.value)).toEqual(commentsOf(text))
      expect(isOneInsertion(result.value, text)).toBe(true)
      // "false" says the same as nothing.
      if (part !== 'ask' && part !== 'notify') expect(rulesOf(result.value).shares[index]).not.toEqual(rulesOf(text).shares[index])
    }),
    { numRuns },
  )
  expect(Math.min(seen.removed, seen.absent)).toBeGreaterThan(numRuns / 200)
})

test('taking a share away leaves the others, in one piece before and one behind', { timeout }, () => {
  let removed = 0
  fc.assert(
    fc.property(styledDocument, fc.nat(), (document, at) => {
      const index = at % document.values.shares.length
      const result = removeShare({ text: document.text, file, index })
      if (!result.ok) {
        expect(result.error).toMatchObject([{ code: 'hand_written' }])
        expect(document.text).toContain('shares: [')
        return
      }
      removed += 1
      const before = rulesOf(document.text)
      expect(rulesOf(result.value)).toEqual({ ...before, shares: before.shares.filter((_, other) => other !== index) })
      if (before.shares.length > 1) expect(isOneInsertion(result.value, document.text)).toBe(true)
    }),
    { numRuns: numRuns / 5 },
  )
  expect(removed).toBeGreaterThan(numRuns / 20)
})

test('a pause comes and goes, and the text is what it was', { timeout }, () => {
  fc.assert(
    fc.property(styledDocument, ({ text, values }) => {
      const paused = addStop({ text, file, list: 'pause', stop: { name: 'Stop: "all"', what: ['everything'] } })
      if (!paused.ok) throw new Error(JSON.stringify(paused.error))
      const before = rulesOf(text)
      expect(rulesOf(paused.value)).toEqual({ ...before, stops: [...before.stops, expect.objectContaining({ name: 'Stop: "all"' })] })
      const back = removeStop({ text: paused.value, file, list: 'pause', index: values.pause.length })
      if (!back.ok) throw new Error(JSON.stringify(back.error))
      expect(rulesOf(back.value)).toEqual(before)
      // The list itself stays, empty, where there was none; a last line gets its end.
      const end = text.includes('\r\n') ? '\r\n' : '\n'
      const list = values.pause.length > 0 ? '' : `pause: []${end}`
      expect([text, text + end].some((whole) => back.value === whole || sameButOnce(back.value, whole, list))).toBe(true)
    }),
    { numRuns: numRuns / 5 },
  )
})

test('the layout means the same, holds every comment, and is its own layout', { timeout }, () => {
  fc.assert(
    fc.property(styledDocument, ({ text }) => {
      const laid = formatPolicy({ text, file })
      if (!laid.ok) throw new Error(`${JSON.stringify(laid.error)}\n${text}`)
      expect(rulesOf(laid.value)).toEqual(rulesOf(text))
      expect(commentsOf(laid.value).sort()).toEqual(commentsOf(text).sort())
      expect(formatPolicy({ text: laid.value, file })).toEqual(laid)
      expect(laid.value).not.toMatch(/\r|\uFEFF|[ \t]\n/)
    }),
    { numRuns: numRuns / 5 },
  )
})

function spanOf({ spans }: StyledDocument, part: Part, index: number) {
  return spans.get(`/shares/${index}/${pathOf(part).join('/')}`)
}

function expectOthersSame({ text, values }: StyledDocument, after: string, index: number): void {
  if (values.shares.length + values.pause.length === 1) return
  const without = ({ shares, stops }: ReturnType<typeof rulesOf>) => ({ shares: shares.filter((_, at) => at !== index), stops })
  expect(without(rulesOf(after))).toEqual(without(rulesOf(text)))
}

function commentsOf(text: string): string[] {
  return text.match(/# note \d+: x, y|#own \d+ \[a: b\]/g) ?? []
}

/** Is the longer text the shorter one with one piece put in? */
function isOneInsertion(shorter: string, longer: string): boolean {
  let head = 0
  while (head < shorter.length && shorter[head] === longer[head]) head += 1
  return longer.length > shorter.length && longer.endsWith(shorter.slice(head))
}

function sameButOnce(text: string, other: string, piece: string): boolean {
  const at = text.indexOf(piece)
  return at >= 0 && text.slice(0, at) + text.slice(at + piece.length) === other
}
