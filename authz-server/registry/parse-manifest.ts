// A manifest's text as rows with places: CSV with a header line, or a JSON list of objects (or `{"devices": [...]}`). Checks the form, not the facts.
import { DELIMITERS_IN_WORDS, findCsvDialect } from './csv-dialect.ts'
import { MANIFEST_FIELDS, type ManifestError, type Position, type RawRow } from './manifest-row.ts'
import { type CsvField, type CsvRecord, readCsv } from './read-csv.ts'
import { readJsonList } from './read-json-list.ts'
import { readJsonRow } from './read-json-row.ts'

export type ManifestFormat = 'csv' | 'json'

/** In one request; the command line sends larger files in pieces. */
export const MANIFEST_MAX_ROWS = 10_000

export interface ParsedManifest {
  readonly rows: readonly RawRow[]
  readonly errors: readonly ManifestError[]
  /** The document as a whole cannot be read; `errors` has the one reason. */
  readonly refused?: true
}

export type ManifestItem = { readonly row: RawRow } | { readonly error: ManifestError }

const START: Position = { line: 1, column: 1 }

/** All at once: for files that are small or our own. */
export function parseManifest(text: string, format: ManifestFormat, mostRows = MANIFEST_MAX_ROWS): ParsedManifest {
  const reader = readManifest(text, format, mostRows)
  const rows: RawRow[] = []
  const errors: ManifestError[] = []
  for (;;) {
    const { done, value } = reader.next()
    if (done === true) return value === undefined ? { rows, errors } : { rows: [], errors: [value], refused: true }
    if ('row' in value) rows.push(value.row)
    else errors.push(value.error)
  }
}

/** Row by row, so that a caller can let others have their turn. Gives back what is wrong with the document as a whole: its rows are then not to be used. */
export function* readManifest(text: string, format: ManifestFormat, mostRows: number): Generator<ManifestItem, ManifestError | undefined> {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text
  const items = format === 'csv' ? readCsvManifest(plain) : readJsonManifest(plain)
  for (let count = 1; ; count += 1) {
    const { done, value } = items.next()
    if (done === true) return value
    if (count > mostRows) {
      const at = 'row' in value ? value.row.at : value.error
      return { line: at.line, column: at.column, code: 'manifest_too_large', message: `one import accepts at most ${mostRows} rows: split the file` }
    }
    yield value
  }
}

function* readCsvManifest(text: string): Generator<ManifestItem, ManifestError | undefined> {
  const dialect = findCsvDialect(text)
  if (!dialect.ok) return dialect.error
  const records = readCsv(text, dialect.value)
  const header = records.next().value as CsvRecord | undefined
  if (header === undefined)
    return { ...START, code: 'manifest_malformed', message: `the file is empty: start with a line such as ${MANIFEST_FIELDS.join(',')}` }
  if (header.fault) return { ...header.fault.at, code: 'manifest_malformed', message: header.fault.message }
  const headerFault = checkHeader(header.fields)
  if (headerFault !== undefined) return headerFault
  for (const record of records) yield readCsvRow(record, header.fields)
  return undefined
}

function readCsvRow({ at, fields, fault }: CsvRecord, header: readonly CsvField[]): ManifestItem {
  if (fault !== undefined) return { error: { ...fault.at, code: 'row_malformed', message: fault.message } }
  if (fields.length !== header.length)
    return { error: { ...at, code: 'row_malformed', message: `the row has ${fields.length} fields, the header has ${header.length}` } }
  return { row: { at, cells: new Map(fields.map((field, index) => [header[index]?.text ?? '', { value: field.text, at: field.at }])) } }
}

function checkHeader(fields: readonly CsvField[]): ManifestError | undefined {
  const names = fields.map((field) => field.text)
  for (const [index, { text, at }] of fields.entries()) {
    if (!(MANIFEST_FIELDS as readonly string[]).includes(text)) return { ...at, code: 'column_unknown', message: describeStranger(fields) }
    if (names.indexOf(text) !== index) return { ...at, code: 'column_unknown', message: `column ${JSON.stringify(text)} appears twice` }
  }
  const missing = ['id', 'kind', 'model'].find((name) => !names.includes(name))
  if (missing !== undefined) return { ...START, code: 'column_missing', message: `the column ${missing} is missing` }
  if (names.includes('jkt') || names.includes('jwk')) return undefined
  return { ...START, code: 'column_missing', message: 'a column jkt or jwk is missing' }
}

function describeStranger(fields: readonly CsvField[]): string {
  const stranger = fields.find(({ text }) => !(MANIFEST_FIELDS as readonly string[]).includes(text))?.text ?? ''
  const shown = JSON.stringify(stranger.length > 60 ? `${stranger.slice(0, 57)}...` : stranger)
  const known = `the columns are ${MANIFEST_FIELDS.join(', ')}`
  return fields.length === 1 ? `unknown column ${shown}; ${known}, with ${DELIMITERS_IN_WORDS} between them` : `unknown column ${shown}; ${known}`
}

function* readJsonManifest(text: string): Generator<ManifestItem, ManifestError | undefined> {
  const items = readJsonList(text)
  for (;;) {
    const { done, value } = items.next()
    if (done === true) return value
    const read = readJsonRow(value)
    if (read.kind === 'not_json') return read.error
    yield read.kind === 'row' ? { row: read.row } : { error: read.error }
  }
}
