// For documents in many styles, with comments everywhere: setting a part touches its own place and nothing else, and refuses only what is written by hand.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editShare } from '../../../../policies/edit/edit-share.ts'
import { expectOthersSame, file, isOneInsertion, numRuns, spanOf, timeout } from './edit-laws.ts'
import { PARTS, partValues, styledDocument } from './styled-documents.ts'

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
  expect(Math.min(seen.set, seen.added, seen.refused)).toBeGreaterThan(numRuns / 1000)
})
