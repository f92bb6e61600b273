// A person says yes or no to what asks, once. Yes to a device makes it theirs, with its resources, and tells the sidecars, in one transaction.
import { buildBase64url } from '../../protocol/encoding.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildDeviceEntry, buildOwnerEntry, buildResourceEntry } from '../feed/build-entries.ts'
import { fillTemplate, findDeviceType } from '../registry/device-type.ts'
import type { Device } from '../store/devices-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import type { Resource } from '../store/resources-repository.ts'
import { isWaiting } from './pairing.ts'
import { buildPendingPairing, type PendingPairing } from './pending-pairing.ts'

const RESOURCE_ID_BYTES = 16

export interface PairingDecision {
  /** `PendingPairing.id`. */
  readonly pairingId: string
  readonly personId: string
  readonly decision: 'approve' | 'deny'
}

/** `pairing_over`: unknown, expired or answered before. `device_taken`: somebody else's, or not active. `resource_key_taken`: the operator has to look. */
export type DecisionRefusal = 'pairing_over' | 'device_taken' | 'resource_key_taken'

/** What was answered. */
export function decidePairing(context: Context, decided: PairingDecision, now: EpochSeconds): Promise<Result<PendingPairing, DecisionRefusal>> {
  return context.store.transaction(async (repositories): Promise<Result<PendingPairing, DecisionRefusal>> => {
    const pairing = await repositories.pairings.find(decided.pairingId)
    if (pairing === undefined || !isWaiting(pairing, now)) return err('pairing_over')
    const device = pairing.deviceId === null ? undefined : await repositories.devices.find(pairing.deviceId)
    if (decided.decision === 'approve' && device !== undefined) {
      const given = await giveDevice(context, { repositories, device, owner: decided.personId }, now)
      if (!given.ok) return given
    }
    const status = decided.decision === 'approve' ? 'approved' : 'denied'
    if (!(await repositories.pairings.decide(pairing.id, { status, personId: decided.personId, now })))
      throw new Error('a waiting pairing could not be decided')
    return ok(buildPendingPairing(context, pairing, device))
  })
}

interface Giving {
  readonly repositories: Repositories
  readonly device: Device
  readonly owner: string
}

/** Refuses before it writes, so that a refusal leaves nothing behind. */
async function giveDevice(context: Context, { repositories, device, owner }: Giving, now: EpochSeconds): Promise<Result<void, DecisionRefusal>> {
  if (device.status !== 'active' || (device.owner !== null && device.owner !== owner)) return err('device_taken')
  const isNewOwner = device.owner === null
  const resources = isNewOwner ? buildResources(context, { device, owner }, now) : []
  for (const resource of resources) if (!(await repositories.resources.add(resource))) return refuseTaken(context, repositories, { device, resource })
  if (!(await repositories.devices.assignOwner(device.id, owner, now))) throw new Error('a free device could not be given to its owner')
  if (!isNewOwner) return ok()
  const policy = await repositories.policies.find(owner)
  const paired = { ...device, owner, epoch: device.epoch + 1 }
  await repositories.feedLog.append([buildDeviceEntry(paired), buildOwnerEntry(owner, policy), ...resources.map(buildResourceEntry)], now)
  return ok()
}

/** Two device types of one resource server make the same key. What was added before in this transaction goes again. */
async function refuseTaken(
  context: Context,
  repositories: Repositories,
  { device, resource }: { readonly device: Device; readonly resource: Resource },
): Promise<Result<void, DecisionRefusal>> {
  await repositories.resources.removeOfDevice(device.id)
  context.ports.log.warn('resource_key_taken', { device_id: device.id, resource_server: resource.resourceServer, key: resource.key })
  return err('resource_key_taken')
}

function buildResources(context: Context, { device, owner }: { readonly device: Device; readonly owner: string }, now: EpochSeconds): readonly Resource[] {
  const type = findDeviceType(context.config, device.kind)
  if (type === undefined) return []
  return type.resources.map((template) => {
    const { key, name, type: resourceType, tags, scopes } = fillTemplate(template, device.id)
    const id = buildBase64url(context.ports.randomBytes(RESOURCE_ID_BYTES))
    return { id, resourceServer: type.resource_server, key, name, type: resourceType, tags, scopes, owner, deviceId: device.id, createdAt: now }
  })
}
