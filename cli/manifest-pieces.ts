// Rows of a large manifest as JSON documents that each fit one request, with the way back from a place in a piece to the place in the file. Pure.
import { canonicalDeviceId } from '../authz-server/registry/device-id.ts'
import type { ManifestError, Position, RawRow } from '../authz-server/registry/manifest-row.ts'
import { ITEM_MAX_CHARACTERS } from '../authz-server/registry/read-json-list.ts'

/** About a tenth of what one request may hold, so that the server answers others in between. */
const PIECE_MAX_ROWS = 1000
const PIECE_MAX_CHARACTERS = 1024 * 1024

export interface ManifestPiece {
  readonly rows: readonly RawRow[]
  /** One row a line, from line 2 on. */
  readonly text: string
  placeOf(at: Position): Position
}

export function splitRows(rows: readonly RawRow[]): readonly ManifestPiece[] {
  const pieces: ManifestPiece[] = []
  let lines: RowLine[] = []
  let size = 0
  for (const row of rows) {
    const line = writeRow(row)
    if (lines.length >= PIECE_MAX_ROWS || (lines.length > 0 && size + line.text.length > PIECE_MAX_CHARACTERS)) {
      pieces.push(buildPiece(lines))
      lines = []
      size = 0
    }
    lines.push(line)
    size += line.text.length
  }
  return lines.length === 0 ? pieces : [...pieces, buildPiece(lines)]
}

interface RowLine {
  readonly row: RawRow
  readonly text: string
  /** Where each value begins in the line, from 1, and where it is in the file. */
  readonly places: ReadonlyMap<number, Position>
}

function writeRow(row: RawRow): RowLine {
  const places = new Map<number, Position>()
  let text = '{'
  for (const [name, { value, at }] of row.cells) {
    text += `${text === '{' ? '' : ','}${JSON.stringify(name)}:`
    places.set(text.length + 1, at)
    text += JSON.stringify(value)
  }
  return { row, text: `${text}}`, places }
}

function buildPiece(lines: readonly RowLine[]): ManifestPiece {
  return {
    rows: lines.map(({ row }) => row),
    text: `[\n${lines.map(({ text }) => text).join(',\n')}\n]`,
    placeOf({ line, column }) {
      const found = lines[line - 2]
      if (found === undefined) return { line, column }
      return found.places.get(column) ?? { line: found.row.at.line, column: found.row.at.column }
    },
  }
}

/** Each request sees its own rows alone, so identifiers and keys that are there twice are found here; the first row counts. A row that no request could hold is left out too. */
export function dropLocalRepeats(rows: readonly RawRow[]): { readonly rows: readonly RawRow[]; readonly errors: readonly ManifestError[] } {
  const lineOf = new Map<string, number>()
  const errors: ManifestError[] = []
  const kept = rows.filter((row) => {
    const repeat = findOverlong(row) ?? findRepeat(row, lineOf)
    if (repeat !== undefined) errors.push(repeat)
    else for (const { name } of namesOf(row)) lineOf.set(name, row.at.line)
    return repeat === undefined
  })
  return { rows: kept, errors }
}

function findOverlong(row: RawRow): ManifestError | undefined {
  if (writeRow(row).text.length <= ITEM_MAX_CHARACTERS) return undefined
  return { ...row.at, code: 'row_malformed', message: `one device has at most ${ITEM_MAX_CHARACTERS} characters` }
}

interface NamedCell {
  readonly name: string
  readonly at: Position
  readonly code: 'id_repeated' | 'key_repeated'
}

function namesOf({ at, cells }: RawRow): readonly NamedCell[] {
  const [id, jkt, jwk] = [cells.get('id'), cells.get('jkt'), cells.get('jwk')]
  const key = jkt?.value !== undefined && jkt.value !== '' ? jkt : jwk
  return [
    ...(typeof id?.value === 'string' ? [{ name: `id ${canonicalDeviceId(id.value)}`, at: id.at, code: 'id_repeated' as const }] : []),
    ...(key?.value === undefined || key.value === '' ? [] : [{ name: `key ${JSON.stringify(key.value)}`, at: key.at ?? at, code: 'key_repeated' as const }]),
  ]
}

function findRepeat(row: RawRow, lineOf: ReadonlyMap<string, number>): ManifestError | undefined {
  for (const { name, at, code } of namesOf(row)) {
    const line = lineOf.get(name)
    if (line === undefined) continue
    const message = code === 'id_repeated' ? `${name} is already in line ${line}` : `the key is already in line ${line}: each device has its own`
    return { line: at.line, column: at.column, code, message }
  }
  return undefined
}
