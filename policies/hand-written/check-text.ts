// What is refused of hand-written Rego before the compiler sees it: too much text, and brackets too deep in each other. It does not parse.
import { createLocator, type Diagnostic } from '../diagnostic.ts'

/** As much as a sharing policy; more is a program, not a guardrail. */
export const HAND_WRITTEN_MAX_BYTES = 256 * 1024
/** The compiler goes one call deeper for each; people stay below ten. */
export const HAND_WRITTEN_MAX_DEPTH = 64

export function checkText(text: string, file: string): readonly Diagnostic[] {
  const refuse = (offset: number, message: string): readonly Diagnostic[] => [{ file, ...createLocator(text)(offset), code: 'too_large', message }]
  if (Buffer.byteLength(text) > HAND_WRITTEN_MAX_BYTES) return refuse(0, `The file is longer than ${HAND_WRITTEN_MAX_BYTES / 1024} KiB; shorten it.`)
  if (!text.isWellFormed())
    return [{ file, line: 1, column: 1, code: 'compiler_refused', message: 'The file is not valid Unicode (half of a surrogate pair).' }]
  if (text.split('\n').every((line) => /^\s*(?:#|$)/.test(line)))
    return [{ file, line: 1, column: 1, code: 'compiler_refused', message: 'The file is empty; begin with "package latchkey.sharing".' }]
  const deep = findTooDeep(text)
  return deep === undefined ? [] : refuse(deep, `Brackets can be nested at most ${HAND_WRITTEN_MAX_DEPTH} deep.`)
}

// Texts in quotes, raw texts and comments are passed over whole; what is not closed ends at the end of its line, or of the text.
const TOKENS = /"(?:[^"\\\n]|\\.)*"?|`[^`]*`?|#[^\n]*|[[({]|[\])}]/g

function findTooDeep(text: string): number | undefined {
  let depth = 0
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if ('[({'.includes(token)) depth += 1
    else if ('])}'.includes(token)) depth -= 1
    if (depth > HAND_WRITTEN_MAX_DEPTH) return index
  }
  return undefined
}
