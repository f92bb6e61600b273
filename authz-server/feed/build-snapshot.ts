// Everything that one resource server has to know, as feed entries with the revision that they contain at least. Later changes may be in it already: applying is idempotent.
import type { FeedEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { findDeviceType } from '../registry/device-type.ts'
import type { Device } from '../store/devices-repository.ts'
import type { LogPosition } from '../store/feed-log-repository.ts'
import { addressEntries } from './address-entries.ts'
import { buildDeviceEntry, buildOwnerEntry, buildResourceEntry } from './build-entries.ts'

export interface Snapshot extends LogPosition {
  readonly entries: readonly FeedEntry[]
}

export async function buildSnapshot(context: Context, resourceServer: string, now: EpochSeconds): Promise<Snapshot> {
  const { feedLog, resources, policies, devices, revocations } = context.store.read
  // Read first: what is committed between here and the reads below comes again in the stream.
  const head = await feedLog.head()
  const own = await resources.listOfServers([resourceServer])
  const policyOf = new Map((await policies.listNewest()).map((policy) => [policy.owner, policy]))
  const owners = [...new Set(own.map((resource) => resource.owner))].sort()
  const ownDevices = new Set(own.map((resource) => resource.deviceId))
  const isOwn = ({ id, kind }: Device) => ownDevices.has(id) || findDeviceType(context.config, kind)?.resource_server === resourceServer
  const facts = [
    { kind: 'keys' as const, keys: context.keyring.published() },
    ...owners.map((owner) => buildOwnerEntry(owner, policyOf.get(owner))),
    ...own.map(buildResourceEntry).map(({ resource_server: _, ...entry }) => entry),
    ...(await devices.listKnownToFeed()).filter(isOwn).map(buildDeviceEntry),
  ]
  return { ...head, entries: [...facts, ...(await addressEntries(context, await revocations.listLive(now), resourceServer))] }
}
