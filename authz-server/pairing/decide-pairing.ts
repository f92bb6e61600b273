// A person says yes or no to what asks, once. Yes to a device makes it theirs, with its resources, and tells the sidecars, in one transaction.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildDeviceEntry, buildOwnerEntry, buildResourceEntry } from '../feed/build-entries.ts'
import { buildResource } from '../registry/build-resource.ts'
import { findDeviceType } from '../registry/device-type.ts'
import type { Device } from '../store/devices-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import type { Resource } from '../store/resources-repository.ts'
import { isWaiting } from './pairing.ts'
import { buildPendingPairing, type PendingPairing } from './pending-pairing.ts'

export interface PairingDecision {
  /** `PendingPairing.id`. */
  readonly pairingId: string
  readonly personId: string
  readonly decision: 'approve' | 'deny'
}

/** `pairing_over`: unknown, expired or answered before; `findPairingState` tells which. `device_taken`: another person's, or not active. `resource_key_taken`: the operator has to look. */
export type DecisionRefusal = 'pairing_over' | 'device_taken' | 'resource_key_taken'

/** What was answered. */
export function decidePairing(context: Context, decided: PairingDecision, now: EpochSeconds): Promise<Result<PendingPairing, DecisionRefusal>> {
  return context.store.transaction(async (repositories): Promise<Result<PendingPairing, DecisionRefusal>> => {
    const pairing = await repositories.pairings.find(decided.pairingId)
    if (pairing === undefined || !isWaiting(pairing, now)) return err('pairing_over')
    const device = pairing.deviceId === null ? undefined : await repositories.devices.find(pairing.deviceId)
    let epochGiven: number | undefined
    if (decided.decision === 'approve' && device !== undefined) {
      const given = await giveDevice(context, { repositories, device, owner: decided.personId }, now)
      if (!given.ok) return given
      epochGiven = given.value
    }
    const status = decided.decision === 'approve' ? 'approved' : 'denied'
    if (!(await repositories.pairings.decide(pairing.id, { status, personId: decided.personId, now, epochGiven })))
      throw new Error('a waiting pairing could not be decided')
    return ok(buildPendingPairing(context, pairing, device))
  })
}

interface Giving {
  readonly repositories: Repositories
  readonly device: Device
  readonly owner: string
}

/** The epoch of the new ownership; undefined if it was theirs before. Refuses before it writes, so that a refusal leaves nothing behind. */
async function giveDevice(context: Context, { repositories, device, owner }: Giving, now: EpochSeconds): Promise<Result<number | undefined, DecisionRefusal>> {
  if (device.status !== 'active' || (device.owner !== null && device.owner !== owner)) return err('device_taken')
  const isNewOwner = device.owner === null
  const resources = isNewOwner ? buildResources(context, { device, owner }, now) : []
  for (const resource of resources) if (!(await repositories.resources.add(resource))) return refuseTaken(context, repositories, { device, resource })
  if (!(await repositories.devices.assignOwner(device.id, owner, now))) throw new Error('a free device could not be given to its owner')
  if (!isNewOwner) return ok(undefined)
  const policy = await repositories.policies.find(owner)
  const paired = { ...device, owner, epoch: device.epoch + 1 }
  await repositories.feedLog.append([buildDeviceEntry(paired), buildOwnerEntry(owner, policy), ...resources.map(buildResourceEntry)], now)
  const event = { deviceId: device.id, model: device.model, event: 'paired', by: 'owner', personId: owner, reason: null, at: now } as const
  await repositories.deviceHistory.add(event)
  return ok(paired.epoch)
}

/** Two device types of one resource server make the same key. What was added before in this transaction goes again. */
async function refuseTaken(
  context: Context,
  repositories: Repositories,
  { device, resource }: { readonly device: Device; readonly resource: Resource },
): Promise<Result<never, DecisionRefusal>> {
  await repositories.resources.removeOfDevice(device.id)
  context.ports.log.warn('resource_key_taken', { device_id: device.id, resource_server: resource.resourceServer, key: resource.key })
  return err('resource_key_taken')
}

function buildResources(context: Context, { device, owner }: { readonly device: Device; readonly owner: string }, now: EpochSeconds): readonly Resource[] {
  const type = findDeviceType(context.config, device.kind)
  return type === undefined ? [] : type.resources.map((template) => buildResource(context, { type, template, device: { ...device, owner } }, now))
}
