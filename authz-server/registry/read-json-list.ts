// Cuts a JSON list into the texts of its items, without recursion and with a limit of depth and size, before any parser sees them. Knows the place of each.
import type { ManifestError, ManifestErrorCode, Position } from './manifest-row.ts'

/** A device with a key in it is two levels deep. */
export const ITEM_MAX_DEPTH = 8
export const ITEM_MAX_CHARACTERS = 16_384

export interface JsonItem {
  readonly text: string
  readonly at: Position
}

interface Cursor {
  readonly text: string
  index: number
  line: number
  /** Where the current line begins. */
  lineStart: number
}

/** Thrown inside this file alone, to leave a scan from any level. */
class Refusal extends Error {
  readonly error: ManifestError
  constructor(error: ManifestError) {
    super(error.message)
    this.error = error
  }
}

/** The items of a list, or of `{"devices": [...]}`. Gives back what is wrong with the document as a whole: its items are then not to be used. */
export function* readJsonList(text: string): Generator<JsonItem, ManifestError | undefined> {
  const cursor: Cursor = { text, index: 0, line: 1, lineStart: 0 }
  try {
    skipSpace(cursor)
    const isWrapped = text[cursor.index] === '{'
    if (isWrapped) enterWrapper(cursor)
    if (text[cursor.index] !== '[')
      throw refuse(cursor, 'manifest_malformed', 'the file must contain a list of devices, or an object with the list as "devices"')
    yield* readItems(cursor)
    if (isWrapped) leaveWrapper(cursor)
    if (cursor.index < text.length) throw refuse(cursor, 'manifest_malformed', 'nothing may follow the list')
    return undefined
  } catch (fault) {
    if (fault instanceof Refusal) return fault.error
    throw fault
  }
}

function* readItems(cursor: Cursor): Generator<JsonItem> {
  advance(cursor)
  if (takeIf(cursor, ']')) return
  for (;;) {
    const at = positionOf(cursor)
    yield { text: takeValue(cursor), at }
    skipSpace(cursor)
    if (takeIf(cursor, ']')) return
    if (!takeIf(cursor, ',')) throw refuse(cursor, 'manifest_malformed', 'a comma or the end of the list is missing here')
  }
}

function enterWrapper(cursor: Cursor): void {
  advance(cursor)
  const at = { ...cursor }
  const name = cursor.text[cursor.index] === '"' ? takeValue(cursor) : undefined
  if (name !== '"devices"') throw refuse(at, 'manifest_malformed', describeStranger(name))
  skipSpace(cursor)
  if (!takeIf(cursor, ':')) throw refuse(cursor, 'manifest_malformed', 'a colon is missing after "devices"')
}

function leaveWrapper(cursor: Cursor): void {
  if (takeIf(cursor, '}')) return
  if (!takeIf(cursor, ',')) throw refuse(cursor, 'manifest_malformed', 'the end of the object is missing here')
  const at = { ...cursor }
  throw refuse(at, 'manifest_malformed', describeStranger(cursor.text[cursor.index] === '"' ? takeValue(cursor) : undefined))
}

function describeStranger(name: string | undefined): string {
  if (name === undefined) return 'the file must contain a list of devices, or an object with the list as "devices"'
  const shown = name.length > 60 ? `${name.slice(0, 57)}..."` : name
  return `the object may contain only the list "devices", but it contains ${shown}`
}

/** One value's text. What is between its ends is for a JSON parser to judge. */
function takeValue(cursor: Cursor): string {
  const start = cursor.index
  let depth = 0
  do {
    depth = takePart(cursor, depth)
    const length = cursor.index - start
    if (length > ITEM_MAX_CHARACTERS)
      throw refuse(cursor, 'manifest_too_large', `one device has at most ${ITEM_MAX_CHARACTERS} characters: this one started ${length} characters earlier`)
  } while (depth > 0)
  return cursor.text.slice(start, cursor.index)
}

/** A string, a bracket, or what is between; the depth after it. */
function takePart(cursor: Cursor, depth: number): number {
  switch (cursor.text[cursor.index]) {
    case undefined:
      throw refuse(cursor, 'manifest_malformed', 'the file ends in the middle of a value')
    case '"':
      skipString(cursor)
      return depth
    case '[':
    case '{':
      return deeper(cursor, depth)
    case ']':
    case '}':
      if (depth === 0) throw refuse(cursor, 'manifest_malformed', 'a value is missing here')
      step(cursor)
      return depth - 1
    default:
      if (depth === 0) skipWord(cursor)
      else step(cursor)
      return depth
  }
}

function deeper(cursor: Cursor, depth: number): number {
  if (depth >= ITEM_MAX_DEPTH) throw refuse(cursor, 'manifest_too_deep', `a device may be nested ${ITEM_MAX_DEPTH} levels deep, and this is one level too many`)
  step(cursor)
  return depth + 1
}

function skipString(cursor: Cursor): void {
  step(cursor)
  for (;;) {
    const character = cursor.text[cursor.index]
    if (character === undefined || character === '\n') throw refuse(cursor, 'manifest_malformed', 'a closing quote is missing before this place')
    step(cursor)
    if (character === '"') return
    if (character === '\\') step(cursor)
  }
}

/** A number, a name, or what is none: at least one character, so that reading always goes on. */
function skipWord(cursor: Cursor): void {
  if (/[,:]/.test(cursor.text[cursor.index] ?? '')) throw refuse(cursor, 'manifest_malformed', 'a value is missing here')
  while (cursor.index < cursor.text.length && !/[\s,:[\]{}"]/.test(cursor.text[cursor.index] ?? '')) step(cursor)
}

function takeIf(cursor: Cursor, character: string): boolean {
  if (cursor.text[cursor.index] !== character) return false
  advance(cursor)
  return true
}

function advance(cursor: Cursor): void {
  step(cursor)
  skipSpace(cursor)
}

function skipSpace(cursor: Cursor): void {
  while (cursor.index < cursor.text.length && ' \t\r\n'.includes(cursor.text[cursor.index] ?? '')) step(cursor)
}

function step(cursor: Cursor): void {
  if (cursor.text[cursor.index] === '\n') {
    cursor.line += 1
    cursor.lineStart = cursor.index + 1
  }
  cursor.index += 1
}

function positionOf({ index, line, lineStart }: Cursor): Position {
  return { line, column: index - lineStart + 1 }
}

function refuse(cursor: Cursor, code: ManifestErrorCode, message: string): Refusal {
  return new Refusal({ ...positionOf(cursor), code, message })
}
