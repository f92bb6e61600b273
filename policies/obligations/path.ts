// Places in a JSON answer: the small form of RFC 9535 (names, wildcards and descendants from the root), and the plain word that owners write for a member anywhere. It looks at no answer.

/** One step down: a name, or null for every member or item. */
export type PathStep = string | null

/** `deep`: at any depth below, not only one step down (RFC 9535 section 2.5.2). */
export interface PlaceStep {
  readonly step: PathStep
  readonly deep: boolean
}

const NAME = '[A-Za-z_][A-Za-z0-9_-]*'
const QUOTED = '\'[^\'\\\\\\x00-\\x1f]{1,100}\'|"[^"\\\\\\x00-\\x1f]{1,100}"'
const DOTTED = `\\.(?:${NAME}|\\*)`
const BRACKETS = `\\[(?:\\*|${QUOTED})\\]`
const DEEP = `\\.\\.(?:${NAME}|\\[(?:${QUOTED})\\])`
// A dot or a bracket in a plain word is far more likely an exact place without its "$" than a name.
const WORD = '[^\\x00-\\x20\\x7f-\\x9f$.\\[\\]*\'"\\\\](?:[^\\x00-\\x1f\\x7f-\\x9f.\\[\\]*\'"\\\\]{0,98}[^\\x00-\\x20\\x7f-\\x9f.\\[\\]*\'"\\\\])?'

/** From the root, step by step. */
export const EXACT_PATTERN = `^\\$(?:${DOTTED}|${BRACKETS})+$`
export const PATH_PATTERN = `^\\$(?:${DOTTED}|${BRACKETS}|${DEEP})+$`
/** As owners write it: a path, or the name of a member that is meant wherever it is. */
export const PLACE_PATTERN = `^(?:\\$(?:${DOTTED}|${BRACKETS}|${DEEP})+|${WORD})$`
export const PATH_MAX_CHARS = 256

const STEP = new RegExp(`${DEEP}|${DOTTED}|${BRACKETS}`, 'y')
const WHOLE = new RegExp(PATH_PATTERN)
const PLAIN = new RegExp(`^${WORD}$`)

/** Undefined for anything that is not of the small form, the root alone included. */
export function parsePath(text: string): readonly PlaceStep[] | undefined {
  if (text.length > PATH_MAX_CHARS || !WHOLE.test(text)) return undefined
  const steps: PlaceStep[] = []
  STEP.lastIndex = 1
  for (let found = STEP.exec(text); found !== null; found = STEP.exec(text)) steps.push(readStep(found[0]))
  return steps
}

/** From what an owner wrote (it fits PLACE_PATTERN) to a path: `location` becomes `$..location`. */
export function readPlace(word: string): string {
  if (word.startsWith('$')) return word
  return new RegExp(`^${NAME}$`).test(word) ? `$..${word}` : `$..['${word}']`
}

/** The way back: the shortest word that reads as this path. */
export function writePlace(path: string): string {
  const name = anywhereName(path)
  return name !== undefined && PLAIN.test(name) ? name : path
}

/** The name of a member that is meant wherever it is; undefined for every other path. */
export function anywhereName(path: string): string | undefined {
  const [first, second] = parsePath(path) ?? []
  return first?.deep === true && first.step !== null && second === undefined ? first.step : undefined
}

/** For sentences. */
export function placeWords(path: string): string {
  const name = anywhereName(path)
  return name === undefined ? path : `"${name}" (anywhere)`
}

function readStep(text: string): PlaceStep {
  if (text.startsWith('..')) return { step: readName(text.slice(2)), deep: true }
  if (text === '.*' || text === '[*]') return { step: null, deep: false }
  return { step: readName(text.startsWith('.') ? text.slice(1) : text), deep: false }
}

function readName(text: string): string {
  return text.startsWith('[') ? text.slice(2, -2) : text
}
