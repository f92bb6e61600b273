// A person takes back the yes that they have just given. A new device is free again, an app loses its grants; all of it in one transaction.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { endDeviceOwnership } from '../registry/revoke-device.ts'
import type { Pairing } from '../store/pairings-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { endGrant } from '../tokens/end-grant.ts'
import { isOwnershipOf, type TypedByPerson } from './pairing-state.ts'

/** Unlike a revocation this keeps the device active: its person can type a new code and connect it again. */
export function undoPairing(context: Context, { pairingId, personId }: TypedByPerson, now: EpochSeconds): Promise<Result<void, 'nothing_to_undo'>> {
  return context.store.transaction(async (repositories): Promise<Result<void, 'nothing_to_undo'>> => {
    const pairing = await repositories.pairings.find(pairingId)
    if (pairing?.personId !== personId || (pairing.status !== 'approved' && pairing.status !== 'redeemed')) return err('nothing_to_undo')
    const isUndone = pairing.deviceId === null ? await endApp(repositories, pairing, now) : await freeDevice(repositories, pairing, now)
    if (!isUndone) return err('nothing_to_undo')
    await repositories.pairings.takeBack(pairing.id, personId)
    context.ports.log.info('pairing_undone', { client_id: pairing.clientId })
    return ok()
  })
}

async function endApp(repositories: Repositories, { clientId, personId, jkt }: Pairing, now: EpochSeconds): Promise<boolean> {
  // An app that has not bound a key yet has no tokens to end.
  const grants = jkt === null ? [] : await repositories.grants.listOfApp({ clientId, personId: personId ?? '', jkt })
  for (const grant of grants) await endGrant(repositories, grant.id, now)
  return true
}

async function freeDevice(repositories: Repositories, pairing: Pairing, now: EpochSeconds): Promise<boolean> {
  const device = await repositories.devices.find(pairing.deviceId ?? '')
  if (device === undefined || pairing.personId === null) return false
  // The device was theirs before: without tokens from this code there is nothing to end but the code.
  if (!isOwnershipOf(pairing, device)) return pairing.status === 'approved'
  if (!(await repositories.devices.freeOwner(device.id, { owner: pairing.personId, epoch: device.epoch }))) return false
  await repositories.pairings.denyOthersOfDevice(device.id)
  await endDeviceOwnership(repositories, device.id, now)
  return true
}
