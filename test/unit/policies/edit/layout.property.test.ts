// For documents in many styles, with comments everywhere: a pause comes and goes without a trace, and the one layout means the same.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addStop } from '../../../../policies/edit/add-stop.ts'
import { formatPolicy } from '../../../../policies/edit/format-policy.ts'
import { removeStop } from '../../../../policies/edit/remove-entry.ts'
import { commentsOf, file, numRuns, rulesOf, sameButOnce, timeout } from './edit-laws.ts'
import { styledDocument } from './styled-documents.ts'

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
