// One row of a device manifest, checked field by field. Each refusal says where in the file and what to do.
import { parseJsonObject } from '../../protocol/encoding.ts'
import { buildThumbprint, isThumbprint, parsePublicJwk } from '../../protocol/jwk.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { NewDevice } from '../store/devices-repository.ts'
import { canonicalDeviceId } from './device-id.ts'

export interface Position {
  /** Both from 1; columns count characters. */
  readonly line: number
  readonly column: number
}

/** Codes are stable; docs/errors.md explains each. */
export type ManifestErrorCode =
  | 'manifest_malformed'
  | 'manifest_too_large'
  | 'manifest_too_deep'
  | 'manifest_encoding'
  | 'manifest_delimiter'
  | 'column_unknown'
  | 'column_missing'
  | 'row_malformed'
  | 'id_unusable'
  | 'id_repeated'
  | 'id_taken'
  | 'kind_unknown'
  | 'model_unusable'
  | 'key_missing'
  | 'key_unusable'
  | 'key_repeated'
  | 'key_taken'

export interface ManifestError extends Position {
  readonly code: ManifestErrorCode
  readonly message: string
}

/** A value as the file gave it, with its place. In CSV every value is a string, in JSON a key may be an object. */
export interface Cell {
  readonly value: unknown
  readonly at: Position
}

export interface RawRow {
  readonly at: Position
  readonly cells: ReadonlyMap<string, Cell>
}

export interface ManifestRow {
  readonly device: NewDevice
  readonly at: Position
  /** Where its key stands. */
  readonly keyAt: Position
}

export const MANIFEST_FIELDS = ['id', 'kind', 'model', 'jkt', 'jwk'] as const
/** Unreserved characters of URIs: an identifier is a path segment and part of `client_id`. */
const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/
const MODEL_MAX_CHARACTERS = 100

/** Every fault of the row at once. */
export function checkRow(row: RawRow, kinds: readonly string[]): Result<ManifestRow, readonly ManifestError[]> {
  const errors: ManifestError[] = []
  const say = (field: string, code: ManifestErrorCode, message: string) => void errors.push({ ...(row.cells.get(field)?.at ?? row.at), code, message })
  const text = (field: string) => row.cells.get(field)?.value
  const given = text('id')
  const id = typeof given === 'string' ? canonicalDeviceId(given) : undefined
  if (id === undefined || !ID_PATTERN.test(id))
    say('id', 'id_unusable', 'id must be 1 to 100 letters, digits, ".", "_", ":" or "-", and begin with a letter or digit')
  const kind = text('kind')
  if (typeof kind !== 'string' || !kinds.includes(kind))
    say('kind', 'kind_unknown', `kind must be one of the configured device_types: ${kinds.join(', ') || '(none)'}`)
  const model = text('model')
  if (!isModel(model)) say('model', 'model_unusable', `model must be 1 to ${MODEL_MAX_CHARACTERS} characters without control characters`)
  const key = readKey(row)
  if (!key.ok) errors.push(key.error)
  if (errors.length > 0 || !key.ok) return err(errors)
  return ok({
    at: row.cells.get('id')?.at ?? row.at,
    keyAt: key.value.at,
    device: { id: id as string, kind: kind as string, model: model as string, jkt: key.value.jkt },
  })
}

function isModel(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MODEL_MAX_CHARACTERS && value.isWellFormed() && !/\p{Cc}/u.test(value)
}

/** `jkt`, `jwk`, or both if they are of one key. */
function readKey({ at, cells }: RawRow): Result<{ readonly jkt: string; readonly at: Position }, ManifestError> {
  const jkt = presentCell(cells.get('jkt'))
  const jwk = presentCell(cells.get('jwk'))
  if (jkt === undefined && jwk === undefined)
    return err({ ...at, code: 'key_missing', message: 'give the thumbprint of its public key as jkt, or the key itself as jwk' })
  if (jkt !== undefined && !isThumbprint(jkt.value))
    return err({ ...jkt.at, code: 'key_unusable', message: 'jkt must be a SHA-256 JWK thumbprint: 43 characters of base64url (RFC 7638)' })
  if (jwk === undefined) return ok({ jkt: String(jkt?.value), at: jkt?.at ?? at })
  const parsed = parsePublicJwk(typeof jwk.value === 'string' ? parseJsonObject(jwk.value) : jwk.value)
  if (!parsed.ok) return err({ ...jwk.at, code: 'key_unusable', message: `jwk must be a public key, P-256 or Ed25519 (${parsed.error})` })
  const thumbprint = buildThumbprint(parsed.value)
  if (jkt !== undefined && jkt.value !== thumbprint) return err({ ...jkt.at, code: 'key_unusable', message: 'jkt and jwk do not belong to the same key' })
  return ok({ jkt: thumbprint, at: jwk.at })
}

function presentCell(cell: Cell | undefined): Cell | undefined {
  return cell === undefined || cell.value === '' || cell.value === null ? undefined : cell
}
