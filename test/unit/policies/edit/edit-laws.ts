// What the laws of edits look at: the rules of a text without their lines, the place of a part, the comments, and whether one text is another with one piece put in.
import { expect } from 'vitest'
import { pathOf } from '../../../../policies/edit/parts.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'
import { propertyRuns, propertyTimeoutMilliseconds } from '../../../support/runs.ts'
import type { Part, StyledDocument } from './styled-documents.ts'

export const file = 'p.yaml'
export const numRuns = propertyRuns()
export const timeout = propertyTimeoutMilliseconds(180_000)

export function rulesOf(text: string) {
  const rules = parsePolicy({ text, file })
  if (!rules.ok) throw new Error(`${JSON.stringify(rules.error)}\n${text}`)
  const { shares, block, pause } = rules.value
  return { shares: shares.map((one) => ({ ...one, line: 0 })), stops: [...block, ...pause].map((one) => ({ ...one, line: 0 })) }
}

export function spanOf({ spans }: StyledDocument, part: Part, index: number) {
  return spans.get(`/shares/${index}/${pathOf(part).join('/')}`)
}

export function expectOthersSame({ text, values }: StyledDocument, after: string, index: number): void {
  if (values.shares.length + values.pause.length === 1) return
  const without = ({ shares, stops }: ReturnType<typeof rulesOf>) => ({ shares: shares.filter((_, at) => at !== index), stops })
  expect(without(rulesOf(after))).toEqual(without(rulesOf(text)))
}

export function commentsOf(text: string): string[] {
  return text.match(/# note \d+: x, y|#own \d+ \[a: b\]/g) ?? []
}

/** Is the longer text the shorter one with one piece put in? */
export function isOneInsertion(shorter: string, longer: string): boolean {
  let head = 0
  while (head < shorter.length && shorter[head] === longer[head]) head += 1
  return longer.length > shorter.length && longer.endsWith(shorter.slice(head))
}

export function sameButOnce(text: string, other: string, piece: string): boolean {
  const at = text.indexOf(piece)
  return at >= 0 && text.slice(0, at) + text.slice(at + piece.length) === other
}
