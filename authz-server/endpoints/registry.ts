// The operator's API of the registry (scope `registry`): import, list, activate, revoke, and the rotation of keys. Each reads, runs one use case, answers.
import { isJsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'
import { readMediaType } from '../http/media-type.ts'
import { activateDevices, RELEASE_REASON_MAX_CHARACTERS, type ReleaseRefusal, releaseDevice } from '../registry/activate-device.ts'
import { decodeManifest } from '../registry/decode-manifest.ts'
import { type ImportReport, importDevices } from '../registry/import-devices.ts'
import type { ManifestFormat } from '../registry/parse-manifest.ts'
import { revokeDevice } from '../registry/revoke-device.ts'
import { rotateKeys } from '../registry/rotate-keys.ts'
import { refuseExtras } from '../steps/refuse-extras.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import type { Device } from '../store/devices-repository.ts'

/** 10,000 rows with whole keys. */
export const MANIFEST_MAX_BYTES = 4 * 1024 * 1024
const IDS_MAX = 10_000
const LIST_PAGE_DEVICES = 500

const FORMATS: Readonly<Record<string, ManifestFormat>> = { 'text/csv': 'csv', 'application/json': 'json' }

export async function importManifest(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, { parameter: 'dry_run', body: 'read' })
  if (extra !== undefined) return extra
  const format = FORMATS[readMediaType(exchange.request) ?? '']
  if (format === undefined) return refuseOAuth('invalid_request', 'the body must be text/csv or application/json')
  const dryRun = exchange.query.get('dry_run') ?? 'false'
  if (dryRun !== 'true' && dryRun !== 'false') return refuseOAuth('invalid_request', 'dry_run must be true or false')
  const text = decodeManifest(exchange.body)
  if (!text.ok) return refuseManifest({ imported: [], unchanged: [], errors: [text.error] })
  const { refused, ...report } = await importDevices(context, { text: text.value, format, dryRun: dryRun === 'true' }, exchange.now)
  return refused === true ? refuseManifest(report) : answerJson(200, report)
}

/** The whole document cannot be read: nothing was imported. */
function refuseManifest(report: Omit<ImportReport, 'refused'>): Answer {
  const [first] = report.errors
  return refuseOAuth('invalid_request', `line ${first?.line}, column ${first?.column}: ${first?.message}`, { ...report })
}

/** `?after=<id>` continues after the previous page. */
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

/** Without a body, or with `{"release_reason": "..."}` for a device that its owner revoked. */
export async function activateOne(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, { body: 'read' })
  if (extra !== undefined) return extra
  const deviceId = exchange.pathValues.get('id') ?? ''
  if (exchange.body.length > 0) return releaseOne(exchange, context, deviceId)
  const { activated, unchanged, needs_release } = await activateDevices(context, [deviceId], exchange.now)
  if (needs_release.length > 0) return answerJson(409, { error: 'release_needed', error_description: await explainRelease(context, deviceId) })
  const [id] = [...activated, ...unchanged]
  return id === undefined ? refuseOAuth('not_found', 'this device is not in the registry') : answerJson(200, { id, status: 'active' })
}

async function explainRelease(context: Context, deviceId: string): Promise<string> {
  const device = await context.store.read.devices.find(deviceId)
  const when = device?.revokedAt == null ? '' : ` on ${new Date(device.revokedAt * 1000).toISOString().slice(0, 10)}`
  const who = device?.revokedBy === 'owner' ? 'its owner revoked this device' : 'this device was revoked, perhaps by its owner,'
  return `${who}${when}. Activating it lets anyone who holds it connect it to their account. If that is right, send release_reason (latchkey device activate --release <reason>); the former owner sees the reason`
}

async function releaseOne({ body, now }: Exchange, context: Context, deviceId: string): Promise<Answer> {
  const members = parseJsonObject(body)
  const reason = members !== undefined && Object.keys(members).every((member) => member === 'release_reason') ? members['release_reason'] : undefined
  if (typeof reason !== 'string') return refuseOAuth('invalid_request', 'send no body, or only {"release_reason": "..."}')
  const released = await releaseDevice(context, { deviceId, reason }, now)
  return released.ok ? answerJson(200, { id: released.value.id, status: 'active' }) : refuseRelease(released.error)
}

function refuseRelease(refusal: ReleaseRefusal): Answer {
  switch (refusal) {
    case 'device_unknown':
      return refuseOAuth('not_found', 'this device is not in the registry')
    case 'reason_unusable':
      return refuseOAuth('invalid_request', `release_reason must be 1 to ${RELEASE_REASON_MAX_CHARACTERS} characters without control characters`)
    case 'nothing_to_release':
      return answerJson(409, { error: 'nothing_to_release', error_description: 'this device is not revoked: activate it without release_reason' })
  }
}

export async function activateMany(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, { body: 'read' })
  if (extra !== undefined) return extra
  const body = parseJsonObject(exchange.body)
  const ids = isJsonObject(body) && Object.keys(body).every((member) => member === 'ids') ? body['ids'] : undefined
  if (!Array.isArray(ids) || ids.length > IDS_MAX || !ids.every((id): id is string => typeof id === 'string'))
    return refuseOAuth('invalid_request', `the body must be {"ids": [...]} with at most ${IDS_MAX} identifiers and no other members`)
  return answerJson(200, await activateDevices(context, ids, exchange.now))
}

export async function revokeOne(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const id = exchange.pathValues.get('id') ?? ''
  const revoked = await revokeDevice(context, { deviceId: id, by: 'operator' }, exchange.now)
  if (!revoked.ok && revoked.error === 'device_unknown') return refuseOAuth('not_found', 'this device is not in the registry')
  return answerJson(200, { id, status: 'revoked' })
}

export async function rotate(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const { signing, retired, next, retiredUntil, publishedSeconds } = await rotateKeys(context, exchange.now)
  const retirement = { retired_kid: retired, retired_until: retiredUntil }
  return answerJson(200, { kid: signing, ...retirement, next_kid: next, ...(publishedSeconds === undefined ? {} : { published_seconds: publishedSeconds }) })
}
