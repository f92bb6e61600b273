// The person's answer to a pairing. Approving a device makes them its owner and registers what it brings, with the feed's entries, in one transaction.
import { randomUUID } from 'node:crypto'
import type { FeedEntry } from '../../protocol/feed/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { renderTemplate } from '../registry/render-template.ts'
import type { Repositories } from '../store/repositories.ts'
import type { Resource } from '../store/resources-repository.ts'

export interface PairingDecision {
  readonly pairingId: string
  readonly personId: string
  readonly decision: 'approve' | 'deny'
}

export type DecisionRefusal =
  /** Decided already, expired, or never there. */
  | 'pairing_over'
  /** Somebody else owns the device, or it may not be used now. Nothing was changed. */
  | 'device_unavailable'

/** Undoes the transaction; never leaves this file. */
class DecisionUndone extends Error {}

export async function decidePairing(context: Context, decision: PairingDecision, now: EpochSeconds): Promise<Result<void, DecisionRefusal>> {
  const status = decision.decision === 'approve' ? 'approved' : 'denied'
  try {
    const isDecided = await context.store.transaction(async (repositories) => {
      const isNow = await repositories.pairings.decide({ id: decision.pairingId, status, personId: decision.personId }, now)
      if (isNow && status === 'approved') await takeOwnership(context, repositories, { decision, now })
      return isNow
    })
    context.ports.log.info('pairing_decided', { status, effective: isDecided })
    return isDecided ? ok() : err('pairing_over')
  } catch (cause) {
    if (cause instanceof DecisionUndone) return err('device_unavailable')
    throw cause
  }
}

async function takeOwnership(
  context: Context,
  repositories: Repositories,
  { decision, now }: { readonly decision: PairingDecision; readonly now: EpochSeconds },
): Promise<void> {
  const pairing = await repositories.pairings.find(decision.pairingId)
  if (pairing === undefined || pairing.deviceId === null) return
  const { personId } = decision
  const device = await repositories.devices.find(pairing.deviceId)
  const owned = await repositories.ownership.take({ deviceId: pairing.deviceId, personId }, now)
  if (device === undefined || owned === undefined) throw new DecisionUndone()
  const resources = buildResources(context, { id: device.id, kind: device.kind, owner: personId }, now)
  for (const resource of resources) {
    if (!(await repositories.ownership.addResource(resource))) throw new DecisionUndone()
  }
  const entries: FeedEntry[] = [{ kind: 'device', id: device.id, status: 'active', owner: personId, epoch: owned.epoch }]
  for (const resource of await repositories.resources.listOfOwner(personId)) {
    if (resource.deviceId === device.id) entries.push(buildResourceEntry(resource))
  }
  await repositories.feedLog.append(entries, now)
}

function buildResources(
  context: Context,
  device: { readonly id: string; readonly kind: string; readonly owner: string },
  now: EpochSeconds,
): readonly Resource[] {
  return context.config.device_types
    .filter(({ kind }) => kind === device.kind)
    .flatMap((type) =>
      type.resources.map((template) => ({
        id: randomUUID(),
        resourceServer: type.resource_server,
        key: renderTemplate(template.key, device.id),
        name: renderTemplate(template.name, device.id),
        type: template.type,
        tags: template.tags,
        scopes: template.scopes,
        owner: device.owner,
        deviceId: device.id,
        createdAt: now,
      })),
    )
}

function buildResourceEntry(resource: Resource): FeedEntry {
  return {
    kind: 'resource',
    id: resource.id,
    key: resource.key,
    name: resource.name,
    type: resource.type,
    tags: resource.tags,
    resource_scopes: resource.scopes,
    owner: resource.owner,
    device_id: resource.deviceId,
  }
}
