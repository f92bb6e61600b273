// A strict reader of CSV (RFC 4180): quotes, doubled quotes, line breaks inside quotes, CRLF or LF. Knows the place of each field; guesses nothing.
import type { Position } from './manifest-row.ts'

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
  index: number
  line: number
  column: number
}

/**
 * One record after another, blank lines left out. After a fault, reading goes on at the line after the one where the faulty field began:
 * a stray quote must not swallow the good rows that follow it.
 */
export function* readCsv(text: string): Generator<CsvRecord> {
  const cursor: Cursor = { text: text.startsWith('\ufeff') ? text.slice(1) : text, index: 0, line: 1, column: 1 }
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
      while (cursor.index < cursor.text.length && !takeLineBreak(cursor)) take(cursor)
      return { at, fields, fault: field }
    }
    fields.push(field)
    if (peek(cursor) === ',') take(cursor)
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
  while (cursor.index < cursor.text.length && peek(cursor) !== ',' && !isLineBreak(cursor)) {
    if (peek(cursor) === '"') return { at: position(cursor), message: 'a quote inside a field: put the whole field in quotes and double the quote' }
    if (peek(cursor) === '\r') return { at: position(cursor), message: 'a lone carriage return: end lines with LF or CRLF' }
    text += take(cursor)
  }
  return { text, at }
}

function readQuoted(cursor: Cursor): FieldOrFault {
  const at = position(cursor)
  take(cursor)
  let text = ''
  while (cursor.index < cursor.text.length) {
    const character = take(cursor)
    if (character !== '"') text += character
    else if (peek(cursor) === '"') text += take(cursor)
    else if (cursor.index >= cursor.text.length || peek(cursor) === ',' || isLineBreak(cursor)) return { text, at }
    else if (cursor.line !== at.line) break
    else return { at: position(cursor), message: 'text after a closing quote: only a comma or the end of the line may follow' }
  }
  // A quote in a later line that is followed by text belongs to that line's own row: what is wrong is the quote that was opened here.
  return { at, message: 'this quote is never closed' }
}

function peek(cursor: Cursor): string {
  return cursor.text.charAt(cursor.index)
}

function take(cursor: Cursor): string {
  const character = cursor.text.charAt(cursor.index)
  cursor.index += 1
  if (character === '\n') {
    cursor.line += 1
    cursor.column = 1
  } else {
    cursor.column += 1
  }
  return character
}

function isLineBreak(cursor: Cursor): boolean {
  return peek(cursor) === '\n' || (peek(cursor) === '\r' && cursor.text.charAt(cursor.index + 1) === '\n')
}

function takeLineBreak(cursor: Cursor): boolean {
  if (!isLineBreak(cursor)) return false
  if (take(cursor) === '\r') take(cursor)
  return true
}

function position({ line, column }: Cursor): Position {
  return { line, column }
}
