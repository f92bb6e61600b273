// How a CSV file is written: which delimiter and which line ends. Spreadsheets choose both by country and system, and may say the delimiter in a first line `sep=;`.
import { err, ok, type Result } from '../../protocol/result.ts'
import { MANIFEST_FIELDS, type ManifestError } from './manifest-row.ts'

export type Delimiter = ',' | ';' | '\t' | '|'

export interface CsvDialect {
  readonly delimiter: Delimiter
  /** Lines end with a carriage return alone. */
  readonly endsWithCr: boolean
  /** The header is in the line after this many. */
  readonly linesBeforeHeader: 0 | 1
}

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|']
const HEADER_MAX_CHARACTERS = 1000
export const DELIMITERS_IN_WORDS = 'comma, semicolon, tab or "|"'

export function findCsvDialect(text: string): Result<CsvDialect, ManifestError> {
  const endsWithCr = !text.includes('\n') && text.includes('\r')
  const [first = '', second = ''] = text.slice(0, HEADER_MAX_CHARACTERS).split(endsWithCr ? '\r' : /\r?\n/, 2)
  const named = /^"?sep=(.*?)"?$/i.exec(first)?.[1]
  if (named === undefined) return ok({ delimiter: guessDelimiter(first), endsWithCr, linesBeforeHeader: 0 })
  const delimiter = DELIMITERS.find((known) => known === named)
  if (delimiter === undefined) {
    const message = `the delimiter ${JSON.stringify(named)} is not supported: use ${DELIMITERS_IN_WORDS}`
    return err({ line: 1, column: 1, code: 'manifest_delimiter', message })
  }
  const better = guessDelimiter(second, delimiter)
  if (better === delimiter) return ok({ delimiter, endsWithCr, linesBeforeHeader: 1 })
  const message = `the first line says that the delimiter is ${JSON.stringify(delimiter)}, but the header uses ${JSON.stringify(better)}: correct one of them`
  return err({ line: 1, column: 1, code: 'manifest_delimiter', message })
}

/** The one that makes most of the header's names known. */
function guessDelimiter(header: string, preferred: Delimiter = ','): Delimiter {
  const known = (delimiter: Delimiter) =>
    header.split(delimiter).filter((name) => (MANIFEST_FIELDS as readonly string[]).includes(name.replaceAll('"', ''))).length
  return DELIMITERS.reduce((best, delimiter) => (known(delimiter) > known(best) ? delimiter : best), preferred)
}
