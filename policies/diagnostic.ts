// What is wrong with an owner's text, and where: the one shape that every stage from YAML to WASM answers with. It decides nothing.

export interface Diagnostic {
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based, in UTF-16 units, as editors count. */
  readonly column: number
  readonly code: DiagnosticCode
  /** One sentence with the remedy. */
  readonly message: string
  /** Left out: an error. A warning keeps nothing from being used. */
  readonly severity?: 'warning'
}

export const DIAGNOSTIC_CODES = [
  'yaml_syntax',
  'too_large',
  'yaml_too_deep',
  'yaml_not_plain',
  'duplicate_key',
  'unknown_key',
  'missing_key',
  'wrong_type',
  'bad_value',
  'bad_date',
  'bad_hours',
  'bad_network',
  'unknown_timezone',
  'timezone_missing',
  'unknown_who',
  'unknown_what',
  'unknown_place',
  'unknown_calendar',
  'name_circle',
  'bad_duration',
  'bad_limit',
  'relative_end',
  'link_without_end',
  'hand_written',
  'edit_refused',
  'expectation_failed',
  'sample_refused',
  'compiler_refused',
  'compiler_failed',
  'probe_failed',
  'share_never_fits',
  'share_hidden',
  'no_expiry',
  'too_open',
  'unknown_thing',
  'unknown_ability',
  'unknown_name',
  'unused_name',
  'ask_unclear',
  'public_client',
  'exact_place',
] as const
export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number]

/** A place in the text, as offset of its first character. */
export interface Complaint {
  readonly offset: number
  readonly code: DiagnosticCode
  readonly message: string
}

/** Complaints about one text become diagnostics: with line and column, in the order of the text, none twice. */
export function diagnose(text: string, file: string, complaints: readonly Complaint[]): Diagnostic[] {
  const unique = new Map(complaints.map((one) => [`${one.offset} ${one.code} ${one.message}`, one]))
  const sorted = [...unique.values()].sort((a, b) => a.offset - b.offset || compareText(a.code, b.code) || compareText(a.message, b.message))
  const locate = createLocator(text)
  return sorted.map(({ offset, code, message }) => ({ file, ...locate(offset), code, message }))
}

export interface Position {
  readonly line: number
  readonly column: number
}

/** Line and column of an offset; CRLF, LF and lone CR each end a line. Reads the text once, however many places are asked for. */
export function createLocator(text: string): (offset: number) => Position {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (end) => end.index + end[0].length)]
  return (offset) => {
    const line = countUpTo(starts, offset)
    return { line, column: offset - (starts[line - 1] ?? 0) + 1 }
  }
}

/** How many of the sorted numbers are not above the limit. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** `file:line:column code sentence`, then the line and a caret beneath the place. */
export function formatDiagnostic(diagnostic: Diagnostic, text: string): string {
  const { file, line, column, code, message } = diagnostic
  const source = (text.split(/\r\n|\n|\r/)[line - 1] ?? '').slice(0, SOURCE_LINE_MAX_CHARS)
  const caret = `${source.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`
  const head = `${file}:${line}:${column} ${code} ${message}`
  return source.trim() === '' || column > SOURCE_LINE_MAX_CHARS ? head : `${head}\n  ${visible(source)}\n  ${caret}`
}

/** Terminals get no control or direction characters from an owner's text. */
function visible(text: string): string {
  return text.replace(/[^\t\P{C}]/gu, '?')
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

// Wide enough for any line a person writes; a line of 100 kB would only fill the screen.
const SOURCE_LINE_MAX_CHARS = 200
