// GET /devices lists the owner's devices; POST /devices/revoke ends one. Another person's device looks like one that does not exist.
import { buildFingerprintWords } from '../../../protocol/fingerprint-words.ts'
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { type DeviceFacts, devicesPage, type LostDeviceFacts } from '../../console/pages/devices.ts'
import { answerRefusal } from '../../console/pages/refusal.ts'
import { instantInWords } from '../../console/words.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { revokeDevice } from '../../registry/revoke-device.ts'
import type { DeviceHistoryRepository } from '../../store/device-history-repository.ts'
import type { Device } from '../../store/devices-repository.ts'
import type { Resource } from '../../store/resources-repository.ts'

const LOST_SHOWN = 20

export async function showDevices(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const { devices, resources } = context.store.read
  const things = await resources.listOfOwner(session.personId)
  const own = (await devices.listOfOwner(session.personId)).map((device) => describe(device, things))
  const lost = (await context.store.read.deviceHistory.listLostBy(session.personId, LOST_SHOWN)).map(describeLost)
  return answerPage(exchange, context, devicesPage({ session, devices: own, lost, justRevoked: exchange.query.has('revoked') }))
}

export async function submitRevocation(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId } = requireFact(exchange.signedIn, 'requireSession')
  const deviceId = requireFact(exchange.form, 'parsePageForm').get('device_id') ?? ''
  const revoked = await revokeDevice(context, { deviceId, by: { personId } }, exchange.now)
  if (revoked.ok) return answerRedirect('/devices?revoked')
  // Pressed twice, or on a page that was opened before: what the person wanted is so.
  const before = await context.store.read.deviceHistory.findRevocation(deviceId, personId)
  return before === undefined ? answerRefusal(exchange, context, 'not_found') : answerRedirect('/devices?revoked')
}

function describeLost({ revoked, released }: Awaited<ReturnType<DeviceHistoryRepository['listLostBy']>>[number]): LostDeviceFacts {
  return {
    id: revoked.deviceId,
    model: revoked.model,
    revokedBy: revoked.by,
    revokedAt: instantInWords(revoked.at),
    ...(released === undefined ? {} : { released: { at: instantInWords(released.at), reason: released.reason ?? '' } }),
  }
}

function describe(device: Device, things: readonly Resource[]): DeviceFacts {
  const { id, kind, model, pairedAt } = device
  return {
    id,
    kind,
    model,
    fingerprintWords: buildFingerprintWords(device.jkt),
    things: things.filter((thing) => thing.deviceId === id),
    since: pairedAt === null ? 'unknown' : instantInWords(pairedAt),
  }
}
