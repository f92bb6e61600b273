// A manifest's text as rows with places: CSV with a header line, or a JSON list of objects (or `{"devices": [...]}`). Checks the form, not the facts.
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { MANIFEST_FIELDS, type ManifestError, type ManifestErrorCode, type Position, type RawRow } from './manifest-row.ts'
import { type CsvField, readCsv } from './read-csv.ts'

export type ManifestFormat = 'csv' | 'json'

export const MANIFEST_MAX_ROWS = 10_000

export interface ParsedManifest {
  readonly rows: readonly RawRow[]
  readonly errors: readonly ManifestError[]
}

const START: Position = { line: 1, column: 1 }

export function parseManifest(text: string, format: ManifestFormat): ParsedManifest {
  const parsed = format === 'csv' ? parseCsvManifest(text) : parseJsonManifest(text)
  const over = parsed.rows[MANIFEST_MAX_ROWS]
  if (over === undefined) return parsed
  return refuseAll({ ...over.at, code: 'manifest_too_large', message: `a manifest has at most ${MANIFEST_MAX_ROWS} rows: split it` })
}

function refuseAll(error: ManifestError): ParsedManifest {
  return { rows: [], errors: [error] }
}

function isField(name: unknown): boolean {
  return (MANIFEST_FIELDS as readonly unknown[]).includes(name)
}

function parseCsvManifest(text: string): ParsedManifest {
  const [header, ...records] = readCsv(text)
  if (header === undefined)
    return refuseAll({ ...START, code: 'manifest_malformed', message: `the file is empty: begin with a line such as ${MANIFEST_FIELDS.join(',')}` })
  if (header.fault) return refuseAll({ ...header.fault.at, code: 'manifest_malformed', message: header.fault.message })
  const headerFault = checkHeader(header.fields)
  if (headerFault !== undefined) return refuseAll(headerFault)
  const rows: RawRow[] = []
  const errors: ManifestError[] = []
  for (const { at, fields, fault } of records) {
    if (fault !== undefined) errors.push({ ...fault.at, code: 'row_malformed', message: fault.message })
    else if (fields.length !== header.fields.length)
      errors.push({ ...at, code: 'row_malformed', message: `the row has ${fields.length} fields, the header has ${header.fields.length}` })
    else rows.push({ at, cells: new Map(fields.map((field, index) => [header.fields[index]?.text ?? '', { value: field.text, at: field.at }])) })
  }
  return { rows, errors }
}

function checkHeader(fields: readonly CsvField[]): ManifestError | undefined {
  const names = fields.map((field) => field.text)
  for (const [index, { text, at }] of fields.entries()) {
    if (!isField(text)) return { ...at, code: 'column_unknown', message: `unknown column ${JSON.stringify(text)}; known are ${MANIFEST_FIELDS.join(', ')}` }
    if (names.indexOf(text) !== index) return { ...at, code: 'column_unknown', message: `column ${JSON.stringify(text)} is there twice` }
  }
  const missing = ['id', 'kind', 'model'].find((name) => !names.includes(name))
  if (missing !== undefined) return { ...START, code: 'column_missing', message: `the column ${missing} is missing` }
  if (names.includes('jkt') || names.includes('jwk')) return undefined
  return { ...START, code: 'column_missing', message: 'a column jkt or jwk is missing' }
}

/** JSON is read by the YAML parser, which knows the place of every value; what only YAML allows is refused first. */
function parseJsonManifest(text: string): ParsedManifest {
  const lines = new LineCounter()
  const placeOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const refuseAt = (offset: number, code: ManifestErrorCode, message: string) => refuseAll({ ...placeOf(offset), code, message })
  // Own look at repeated members: the library compares each one with each other one.
  const document = parseDocument(text, { version: 'next', schema: 'json', lineCounter: lines, uniqueKeys: false })
  const [fault] = document.errors
  if (fault !== undefined) return refuseAt(fault.pos[0], 'manifest_malformed', firstLine(fault.message))
  const jsonFault = findJsonFault(text)
  if (jsonFault !== undefined) return refuseAt(0, 'manifest_malformed', jsonFault)
  const root = document.contents
  const extra = isMap(root) ? (root.items as Pair<Node, Node | null>[]).find(({ key }, index) => nameOf(key) !== 'devices' || index > 0) : undefined
  if (extra !== undefined)
    return refuseAt(
      extra.key.range?.[0] ?? 0,
      'manifest_malformed',
      `beside the one list "devices" nothing may stand here, but ${quote(nameOf(extra.key))} does`,
    )
  const list = isMap(root) ? root.get('devices', true) : root
  if (!isSeq(list))
    return refuseAt(root?.range?.[0] ?? 0, 'manifest_malformed', 'the file must hold a list of devices, or an object with the list as "devices"')
  const rows: RawRow[] = []
  const errors: ManifestError[] = []
  for (const item of list.items as Node[]) {
    const at = placeOf(item.range?.[0] ?? 0)
    if (isMap(item)) readJsonRow(item, { at, placeOf, rows, errors })
    else errors.push({ ...at, code: 'row_malformed', message: 'each device is an object with id, kind, model and jkt or jwk' })
  }
  return { rows, errors }
}

interface RowReading {
  readonly at: Position
  readonly placeOf: (offset: number) => Position
  readonly rows: RawRow[]
  readonly errors: ManifestError[]
}

function readJsonRow(item: YAMLMap, { at, placeOf, rows, errors }: RowReading): void {
  const cells = new Map<string, { readonly value: unknown; readonly at: Position }>()
  for (const { key, value } of item.items as Pair<Node, Node | null>[]) {
    const name = nameOf(key)
    const keyAt = placeOf(key.range?.[0] ?? 0)
    if (!isField(name)) {
      errors.push({ ...keyAt, code: 'column_unknown', message: `unknown member ${quote(name)}; known are ${MANIFEST_FIELDS.join(', ')}` })
      return
    }
    if (cells.has(String(name)) || hasRepeats(value)) {
      const what = cells.has(String(name)) ? `member ${quote(name)}` : `a member of ${quote(name)}`
      errors.push({ ...keyAt, code: 'column_unknown', message: `${what} is there twice: keep the one that is right` })
      return
    }
    cells.set(String(name), { value: value?.toJSON() as unknown, at: placeOf(value?.range?.[0] ?? 0) })
  }
  rows.push({ at, cells })
}

function nameOf(key: Node): unknown {
  return isScalar(key) ? key.value : undefined
}

/** Of the value itself: a key has no members that are objects. */
function hasRepeats(value: Node | null): boolean {
  return isMap(value) && new Set((value.items as Pair<Node>[]).map(({ key }) => nameOf(key))).size < value.items.length
}

/** A file may name its members at any length. */
function quote(name: unknown): string {
  const text = JSON.stringify(name) ?? 'no name'
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text
}

function findJsonFault(text: string): string | undefined {
  try {
    JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
    return undefined
  } catch (cause) {
    return `the file is not JSON: ${firstLine(cause instanceof Error ? cause.message : String(cause))}`
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}
