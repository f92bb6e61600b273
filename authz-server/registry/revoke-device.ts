// Ends a device that is lost, stolen or sold: for its owner, or for an operator. All of it in one transaction, so that no half of it can stay alive.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildDeviceEntry, buildResourceRemovedEntry } from '../feed/build-entries.ts'
import type { Repositories } from '../store/repositories.ts'
import { listGrantRevocations } from '../tokens/end-grant.ts'

export interface DeviceRevocation {
  readonly deviceId: string
  readonly by: { readonly personId: string } | 'operator'
}

/** Another person's device looks like one that does not exist (attack row R04). */
export type RevokeRefusal = 'device_unknown' | 'device_revoked_before'

/**
 * Afterwards the device has no owner, its epoch has grown, its grants have ended and its resources are gone, so old tokens and tickets are refused
 * everywhere. Its identifier and key stay in the registry as `revoked`. An operator may activate it again for a new pairing; after a
 * revocation by its owner only with a reason (activate-device.ts).
 */
export async function revokeDevice(context: Context, { deviceId, by }: DeviceRevocation, now: EpochSeconds): Promise<Result<void, RevokeRefusal>> {
  const outcome = await context.store.transaction(async (repositories): Promise<Result<void, RevokeRefusal>> => {
    const device = await repositories.devices.find(deviceId)
    if (device === undefined || (by !== 'operator' && device.owner !== by.personId)) return err('device_unknown')
    if (!(await repositories.devices.revoke(device.id, by === 'operator' ? { now } : { now, owner: by.personId }))) return err('device_revoked_before')
    const { id, model, owner } = device
    const actor = by === 'operator' ? by : 'owner'
    await repositories.deviceHistory.add({ deviceId: id, model, event: 'revoked', by: actor, personId: owner, reason: null, at: now })
    // A code from before must not come to life with a new pairing: its approval was for what has just ended.
    await repositories.pairings.removeOfDevice(id)
    await endDeviceOwnership(repositories, id, now)
    return ok()
  })
  if (outcome.ok) context.ports.log.info('device_revoked', { device_id: deviceId, by: by === 'operator' ? by : 'owner' })
  return outcome
}

/** Ends the grants and resources of a device that has just lost its owner, and closes what was asked about them. Tells the sidecars. */
export async function endDeviceOwnership(repositories: Repositories, deviceId: string, now: EpochSeconds): Promise<void> {
  const resources = await repositories.resources.listOfDevice(deviceId)
  await repositories.resources.removeOfDevice(deviceId)
  for (const { id, name } of resources) await repositories.accessRequests.close({ resourceId: id }, { reason: 'thing_gone', thingName: name }, now)
  const ended = await repositories.grants.revokeOfDevice(deviceId, now)
  const revocations = await listGrantRevocations(repositories, ended, now)
  const device = await repositories.devices.find(deviceId)
  if (device === undefined) throw new Error('a device went missing while its ownership ended')
  await repositories.feedLog.append([buildDeviceEntry(device), ...revocations, ...resources.map(buildResourceRemovedEntry)], now)
}
