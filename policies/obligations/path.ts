// Places in a JSON answer: the small form of RFC 9535, names and wildcards from the root. It looks at no answer.

/** One step down: a name, or null for every member or item. */
export type PathStep = string | null

const DOTTED = '\\.(?:[A-Za-z_][A-Za-z0-9_-]*|\\*)'
const BRACKETS = '\\[(?:\\*|\'[^\'\\\\\\x00-\\x1f]{1,100}\'|"[^"\\\\\\x00-\\x1f]{1,100}")\\]'

export const PATH_PATTERN = `^\\$(?:${DOTTED}|${BRACKETS})+$`
export const PATH_MAX_CHARS = 256

const STEP = new RegExp(`${DOTTED}|${BRACKETS}`, 'y')
const WHOLE = new RegExp(PATH_PATTERN)

/** Undefined for anything that is not of the small form, the root alone included. */
export function parsePath(text: string): readonly PathStep[] | undefined {
  if (text.length > PATH_MAX_CHARS || !WHOLE.test(text)) return undefined
  const steps: PathStep[] = []
  STEP.lastIndex = 1
  for (let found = STEP.exec(text); found !== null; found = STEP.exec(text)) steps.push(readStep(found[0]))
  return steps
}

function readStep(text: string): PathStep {
  if (text === '.*' || text === '[*]') return null
  return text.startsWith('.') ? text.slice(1) : text.slice(2, -2)
}
