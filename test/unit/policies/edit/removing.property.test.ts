// For documents in many styles, with comments everywhere: what is taken away goes alone.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editShare } from '../../../../policies/edit/edit-share.ts'
import { removeShare } from '../../../../policies/edit/remove-entry.ts'
import { commentsOf, expectOthersSame, file, isOneInsertion, numRuns, rulesOf, spanOf, timeout } from './edit-laws.ts'
import { PARTS, styledDocument } from './styled-documents.ts'

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
  expect(Math.min(seen.removed, seen.absent)).toBeGreaterThan(numRuns / 1000)
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
