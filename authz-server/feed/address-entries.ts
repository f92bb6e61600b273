// What of a change or a snapshot concerns one resource server: its own resources, their owners, its devices and their grants. Sidecars do not learn of each other.
import type { FeedEntry } from '../../protocol/feed/messages.ts'
import type { Context } from '../context.ts'
import { findDeviceType } from '../registry/device-type.ts'
import { addressEntry, type LoggedEntry } from './build-entries.ts'

/** In the order given. Reads the store as it is now: an entry that concerned a resource server once may not any more. */
export async function addressEntries(context: Context, entries: readonly LoggedEntry[], resourceServer: string): Promise<readonly FeedEntry[]> {
  const addressed: FeedEntry[] = []
  for (const entry of entries) {
    const sent = addressEntry(entry, resourceServer)
    if (sent !== undefined && (await concerns(context, sent, resourceServer))) addressed.push(sent)
  }
  return addressed
}

async function concerns(context: Context, entry: FeedEntry, resourceServer: string): Promise<boolean> {
  const { resources, grants } = context.store.read
  switch (entry.kind) {
    case 'owner':
      return resources.hasOwnerAt(entry.owner, resourceServer)
    case 'device':
      return concernsDevice(context, entry.id, resourceServer)
    case 'revocation': {
      if (entry.of === 'token') return true
      const grant = await grants.find(entry.id)
      // Grants of apps are not bound to a resource server. Their identifiers are random and name nobody.
      return grant === undefined || grant.deviceId === null || concernsDevice(context, grant.deviceId, resourceServer)
    }
    case 'resource':
    case 'resource_removed':
    case 'keys':
      return true
  }
}

/** Of a kind that belongs there, or with a resource there. */
async function concernsDevice(context: Context, id: string, resourceServer: string): Promise<boolean> {
  const { devices, resources } = context.store.read
  const device = await devices.find(id)
  if (device === undefined) return false
  if (findDeviceType(context.config, device.kind)?.resource_server === resourceServer) return true
  return (await resources.listOfDevice(id)).some((resource) => resource.resourceServer === resourceServer)
}
