// A strict reader of CSV (RFC 4180): quotes, doubled quotes, line breaks inside quotes. Knows the place of each field, and goes on after a broken row (docs/decisions/0027-own-csv-reader.md).
import type { CsvDialect, Delimiter } from './csv-dialect.ts'
import type { Position } from './manifest-row.ts'

/** Far more than any value of a manifest; bounds the work for a quote that is never closed. */
const FIELD_MAX_CHARACTERS = 16_384

export interface CsvField {
  readonly text: string
  readonly at: Position
}

export interface CsvRecord {
  readonly at: Position
  readonly fields: readonly CsvField[]
  /** Set when the record breaks the grammar: where, and how. Its fields are then not to be used. */
  readonly fault?: { readonly at: Position; readonly message: string }
}

interface Cursor {
  readonly text: string
  readonly delimiter: Delimiter
  readonly endsWithCr: boolean
  index: number
  line: number
  column: number
}

/**
 * One record after another, blank lines left out. After a fault, reading goes on at the line after the one where the faulty field began:
 * a stray quote must not swallow the good rows that follow it.
 */
export function* readCsv(text: string, { delimiter, endsWithCr, linesBeforeHeader }: CsvDialect): Generator<CsvRecord> {
  const cursor: Cursor = { text, delimiter, endsWithCr, index: 0, line: 1, column: 1 }
  if (linesBeforeHeader > 0) skipLine(cursor)
  while (cursor.index < cursor.text.length) {
    if (takeLineBreak(cursor)) continue
    yield readRecord(cursor)
  }
}

function readRecord(cursor: Cursor): CsvRecord {
  const at = position(cursor)
  const fields: CsvField[] = []
  for (;;) {
    const start = { ...cursor }
    const field = peek(cursor) === '"' ? readQuoted(cursor) : readPlain(cursor)
    if ('message' in field) {
      Object.assign(cursor, start)
      skipLine(cursor)
      return { at, fields, fault: field }
    }
    fields.push(field)
    if (peek(cursor) === cursor.delimiter) take(cursor)
    else {
      takeLineBreak(cursor)
      return { at, fields }
    }
  }
}

type FieldOrFault = CsvField | { readonly at: Position; readonly message: string }

function readPlain(cursor: Cursor): FieldOrFault {
  const at = position(cursor)
  let text = ''
  while (cursor.index < cursor.text.length && peek(cursor) !== cursor.delimiter && !isLineBreak(cursor)) {
    if (peek(cursor) === '"') return { at: position(cursor), message: 'a quote inside a field: put the whole field in quotes and double the quote' }
    if (peek(cursor) === '\r') return { at: position(cursor), message: 'a lone carriage return: end lines with LF or CRLF' }
    if (text.length >= FIELD_MAX_CHARACTERS) return { at, message: TOO_LONG }
    text += take(cursor)
  }
  return { text, at }
}

function readQuoted(cursor: Cursor): FieldOrFault {
  const at = position(cursor)
  take(cursor)
  let text = ''
  while (cursor.index < cursor.text.length) {
    if (text.length >= FIELD_MAX_CHARACTERS) return { at, message: TOO_LONG }
    const character = take(cursor)
    if (character !== '"') text += character
    else if (peek(cursor) === '"') text += take(cursor)
    else if (cursor.index >= cursor.text.length || peek(cursor) === cursor.delimiter || isLineBreak(cursor)) return { text, at }
    else if (cursor.line !== at.line) break
    else return { at: position(cursor), message: 'text after a closing quote: only a delimiter or the end of the line may follow' }
  }
  // A quote in a later line that is followed by text belongs to that line's own row: what is wrong is the quote that was opened here.
  return { at, message: 'this quote is never closed' }
}

const TOO_LONG = `a field has at most ${FIELD_MAX_CHARACTERS} characters: a quote may be missing`

function skipLine(cursor: Cursor): void {
  while (cursor.index < cursor.text.length && !takeLineBreak(cursor)) take(cursor)
}

function peek(cursor: Cursor): string {
  return cursor.text.charAt(cursor.index)
}

function take(cursor: Cursor): string {
  const character = cursor.text.charAt(cursor.index)
  cursor.index += 1
  if (character === '\n' || (character === '\r' && cursor.endsWithCr)) {
    cursor.line += 1
    cursor.column = 1
  } else {
    cursor.column += 1
  }
  return character
}

function isLineBreak(cursor: Cursor): boolean {
  if (peek(cursor) === '\r') return cursor.endsWithCr || cursor.text.charAt(cursor.index + 1) === '\n'
  return peek(cursor) === '\n'
}

function takeLineBreak(cursor: Cursor): boolean {
  if (!isLineBreak(cursor)) return false
  if (take(cursor) === '\r' && !cursor.endsWithCr) take(cursor)
  return true
}

function position({ line, column }: Cursor): Position {
  return { line, column }
}
