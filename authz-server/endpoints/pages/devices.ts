// GET /devices lists the owner's devices; POST /devices/revoke ends one. Somebody else's device looks like one that does not exist.
import { buildFingerprintWords } from '../../../protocol/fingerprint-words.ts'
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { type DeviceFacts, devicesPage } from '../../console/pages/devices.ts'
import { answerRefusal } from '../../console/pages/refusal.ts'
import { instantInWords } from '../../console/words.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { revokeDevice } from '../../registry/revoke-device.ts'
import type { Device } from '../../store/devices-repository.ts'
import type { Resource } from '../../store/resources-repository.ts'

export async function showDevices(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const { devices, resources } = context.store.read
  const things = await resources.listOfOwner(session.personId)
  const own = (await devices.listOfOwner(session.personId)).map((device) => describe(device, things))
  return answerPage(exchange, context, devicesPage({ session, devices: own, justRevoked: exchange.query.has('revoked') }))
}

export async function submitRevocation(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId } = requireFact(exchange.signedIn, 'requireSession')
  const deviceId = requireFact(exchange.form, 'parsePageForm').get('device_id') ?? ''
  const revoked = await revokeDevice(context, { deviceId, by: { personId } }, exchange.now)
  return revoked.ok ? answerRedirect('/devices?revoked') : answerRefusal(exchange, context, 'not_found')
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
