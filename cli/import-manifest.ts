// Sends a manifest to the authz server: a small file as it is, a large one in pieces that each fit one request. Running it again continues where it stopped.
import { decodeManifest } from '../authz-server/registry/decode-manifest.ts'
import type { ManifestError, RawRow } from '../authz-server/registry/manifest-row.ts'
import { type ManifestFormat, parseManifest } from '../authz-server/registry/parse-manifest.ts'
import { isJsonObject } from '../protocol/encoding.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { dropLocalRepeats, type ManifestPiece, splitRows } from './manifest-pieces.ts'
import type { OperatorApi } from './operator-api.ts'

/** Smaller files are sent as they are. */
const WHOLE_FILE_MAX_BYTES = 256 * 1024
export const FILE_MAX_BYTES = 256 * 1024 * 1024
const FILE_MAX_ROWS = 1_000_000

export interface ManifestFile {
  readonly file: string
  readonly bytes: Buffer
  readonly format: ManifestFormat
  readonly dryRun: boolean
  readonly activate: boolean
}

export interface ImportAnswer {
  readonly imported: readonly string[]
  readonly unchanged: readonly string[]
  readonly errors: readonly ManifestError[]
}

/** Devices that could not be activated, since their owners revoked them. */
export interface ImportOutcome extends ImportAnswer {
  readonly needs_release?: readonly string[]
}

/** `onProgress` hears how many of how many rows have been answered. */
export async function sendManifest(api: OperatorApi, manifest: ManifestFile, onProgress: (done: number, all: number) => void): Promise<ImportOutcome> {
  if (manifest.bytes.length <= WHOLE_FILE_MAX_BYTES) {
    const type = manifest.format === 'csv' ? 'text/csv' : 'application/json'
    return sendOne(api, manifest, { type, content: manifest.bytes })
  }
  const { rows, errors } = readRows(manifest)
  const pieces = splitRows(rows)
  const outcome = { imported: [] as string[], unchanged: [] as string[], errors: [...errors], needs_release: [] as string[] }
  let done = 0
  for (const piece of pieces) {
    const answer = await sendOne(api, manifest, { type: 'application/json', content: piece.text }).catch((cause: unknown) =>
      explainStop(cause, { done, all: rows.length }),
    )
    outcome.imported.push(...answer.imported)
    outcome.unchanged.push(...answer.unchanged)
    outcome.errors.push(...answer.errors.map((error) => placeInFile(error, piece)))
    outcome.needs_release.push(...(answer.needs_release ?? []))
    done += piece.rows.length
    onProgress(done, rows.length)
  }
  outcome.errors.sort((a, b) => a.line - b.line || a.column - b.column)
  const { needs_release, ...report } = outcome
  return needs_release.length > 0 ? { ...report, needs_release } : report
}

function readRows({ file, bytes, format }: ManifestFile): { readonly rows: readonly RawRow[]; readonly errors: readonly ManifestError[] } {
  if (bytes.length > FILE_MAX_BYTES)
    throw new CommandError({
      exitCode: EXIT_CODES.usage,
      file,
      message: `is larger than ${FILE_MAX_BYTES / 1024 / 1024} MiB`,
      remedy: 'split it into several files',
    })
  const text = decodeManifest(bytes)
  const parsed = text.ok ? parseManifest(text.value, format, FILE_MAX_ROWS) : { rows: [], errors: [text.error], refused: true }
  const [first] = parsed.errors
  if (parsed.refused === true && first !== undefined) throw new CommandError({ exitCode: EXIT_CODES.refused, file, ...first })
  const { rows, errors } = dropLocalRepeats(parsed.rows)
  return { rows, errors: [...parsed.errors, ...errors] }
}

interface Sent {
  readonly type: string
  readonly content: string | Buffer
}

async function sendOne(api: OperatorApi, { dryRun, activate }: ManifestFile, { type, content }: Sent): Promise<ImportOutcome> {
  const path = `/registry/devices/import?dry_run=${dryRun}`
  // A refused document carries the same report as an imported one.
  const answer = parseImportAnswer(await api.call({ method: 'POST', path, body: { type, text: content }, isAnswer: isImportAnswer }))
  const ids = [...answer.imported, ...answer.unchanged]
  if (!activate || dryRun || ids.length === 0) return answer
  const body = { type: 'application/json', text: JSON.stringify({ ids }) }
  const activation = await api.call({ method: 'POST', path: '/registry/devices/activate', body })
  const refused: unknown = isJsonObject(activation) ? activation['needs_release'] : undefined
  return Array.isArray(refused) && refused.length > 0 ? { ...answer, needs_release: refused.map(String) } : answer
}

function isImportAnswer(value: unknown): boolean {
  return isJsonObject(value) && [value['imported'], value['unchanged'], value['errors']].every(Array.isArray)
}

function parseImportAnswer(value: unknown): ImportAnswer {
  if (!isImportAnswer(value))
    throw new CommandError({ exitCode: EXIT_CODES.refused, message: 'the authz server responds to the import in a format that this version does not know' })
  const { imported, unchanged, errors } = value as ImportAnswer
  return { imported, unchanged, errors }
}

/** What was sent before stays imported. */
function explainStop(cause: unknown, { done, all }: { readonly done: number; readonly all: number }): never {
  const before =
    cause instanceof CommandError ? cause.fault : { exitCode: EXIT_CODES.unreachable, message: cause instanceof Error ? cause.message : String(cause) }
  const remedy = 'run the same command again to continue: devices that are already in the registry are not changed'
  throw new CommandError({ ...before, message: `stopped after ${done} of ${all} rows: ${before.message}`, remedy }, { cause })
}

/** From the place in the piece to the place in the file. */
function placeInFile(error: ManifestError, piece: ManifestPiece): ManifestError {
  return { ...error, ...piece.placeOf(error) }
}
