// Everything that one resource server has to know, as feed entries with the revision that they contain at least. Later changes may be in it already: applying is idempotent.
import type { FeedEntry } from '../../protocol/feed/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { addressEntry, buildDeviceEntry, buildOwnerEntry, buildResourceEntry } from './build-entries.ts'

export interface Snapshot {
  readonly revision: number
  readonly entries: readonly FeedEntry[]
}

export async function buildSnapshot(context: Context, resourceServer: string, now: EpochSeconds): Promise<Snapshot> {
  const { feedLog, resources, policies, devices, revocations } = context.store.read
  // Read first: what is committed between here and the reads below comes again in the stream.
  const revision = await feedLog.newestRevision()
  const own = await resources.listOfServers([resourceServer])
  const policyOf = new Map((await policies.listNewest()).map((policy) => [policy.owner, policy]))
  const owners = [...new Set(own.map((resource) => resource.owner))].sort()
  const entries = [
    { kind: 'keys' as const, keys: context.keyring.published() },
    ...owners.map((owner) => buildOwnerEntry(owner, policyOf.get(owner))),
    ...own.map((resource) => addressEntry(buildResourceEntry(resource), resourceServer)),
    ...(await devices.listKnownToFeed()).map(buildDeviceEntry),
    ...(await revocations.listLive(now)),
  ]
  return { revision, entries: entries.filter((entry) => entry !== undefined) }
}
