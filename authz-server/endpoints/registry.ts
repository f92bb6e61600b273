// The operator's API of the registry (scope `registry`): import, list, activate, revoke, and the rotation of keys. Each reads, runs one use case, answers.
import { isJsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'
import { activateDevices } from '../registry/activate-device.ts'
import { importDevices } from '../registry/import-devices.ts'
import type { ManifestFormat } from '../registry/parse-manifest.ts'
import { revokeDevice } from '../registry/revoke-device.ts'
import { rotateKeys } from '../registry/rotate-keys.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import type { Device } from '../store/devices-repository.ts'

/** 10,000 rows with whole keys. */
export const MANIFEST_MAX_BYTES = 4 * 1024 * 1024
const IDS_MAX = 10_000
const LIST_PAGE_DEVICES = 500

const FORMATS: Readonly<Record<string, ManifestFormat>> = { 'text/csv': 'csv', 'application/json': 'json' }

interface Taken {
  /** The one query parameter that is read. */
  readonly parameter?: string
  readonly body?: 'read'
}

/** What is not read is refused: a misspelt `dry_run` must not import, and a body full of wishes must not look obeyed (attack row R04). */
function refuseExtras({ query, body }: Exchange, taken: Taken): Answer | undefined {
  const names = [...query.keys()]
  if (names.length > 1 || names.some((name) => name !== taken.parameter))
    return refuseOAuth(
      'invalid_request',
      taken.parameter === undefined ? 'no query is read here' : `the query may hold ${taken.parameter} once, and nothing else`,
    )
  return taken.body === 'read' || body.length === 0 ? undefined : refuseOAuth('invalid_request', 'no body is read here: send none')
}

export async function importManifest(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, { parameter: 'dry_run', body: 'read' })
  if (extra !== undefined) return extra
  const format = FORMATS[exchange.request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '']
  if (format === undefined) return refuseOAuth('invalid_request', 'the body must be text/csv or application/json')
  const dryRun = exchange.query.get('dry_run') ?? 'false'
  if (dryRun !== 'true' && dryRun !== 'false') return refuseOAuth('invalid_request', 'dry_run must be true or false')
  const text = readText(exchange.body)
  if (text === undefined) return refuseOAuth('invalid_request', 'the body must be UTF-8')
  return answerJson(200, await importDevices(context, { text, format, dryRun: dryRun === 'true' }, exchange.now))
}

function readText(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return undefined
  }
}

/** `?after=<id>` goes on where the page before ended. */
export async function listDevices(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, { parameter: 'after' })
  if (extra !== undefined) return extra
  const devices = await context.store.read.devices.list({ after: exchange.query.get('after') ?? '', most: LIST_PAGE_DEVICES })
  const last = devices.at(-1)
  return answerJson(200, { devices: devices.map(describe), ...(devices.length === LIST_PAGE_DEVICES && last ? { next: last.id } : {}) })
}

function describe({ id, kind, model, jkt, status, owner, epoch, importedAt, activatedAt, pairedAt, revokedAt }: Device): object {
  const times = { imported_at: importedAt, activated_at: activatedAt, paired_at: pairedAt, revoked_at: revokedAt }
  return { id, kind, model, jkt, status, owner, epoch, ...times }
}

export async function activateOne(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const id = exchange.pathValues.get('id') ?? ''
  const { unknown } = await activateDevices(context, [id], exchange.now)
  return unknown.length === 0 ? answerJson(200, { id, status: 'active' }) : refuseOAuth('not_found', 'no such device is in the registry')
}

export async function activateMany(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, { body: 'read' })
  if (extra !== undefined) return extra
  const body = parseJsonObject(exchange.body)
  const ids = isJsonObject(body) && Object.keys(body).every((member) => member === 'ids') ? body['ids'] : undefined
  if (!Array.isArray(ids) || ids.length > IDS_MAX || !ids.every((id): id is string => typeof id === 'string'))
    return refuseOAuth('invalid_request', `the body must be {"ids": [...]} with at most ${IDS_MAX} identifiers, and nothing else`)
  return answerJson(200, await activateDevices(context, ids, exchange.now))
}

export async function revokeOne(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const id = exchange.pathValues.get('id') ?? ''
  const revoked = await revokeDevice(context, { deviceId: id, by: 'operator' }, exchange.now)
  if (!revoked.ok && revoked.error === 'device_unknown') return refuseOAuth('not_found', 'no such device is in the registry')
  return answerJson(200, { id, status: 'revoked' })
}

export async function rotate(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const { signing, retired, next, retiredUntil, publishedSeconds } = await rotateKeys(context, exchange.now)
  const retirement = { retired_kid: retired, retired_until: retiredUntil }
  return answerJson(200, { kid: signing, ...retirement, next_kid: next, ...(publishedSeconds === undefined ? {} : { published_seconds: publishedSeconds }) })
}
