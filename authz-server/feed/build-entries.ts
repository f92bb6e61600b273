// Records as feed entries. In the log, an entry that concerns one resource server alone carries its name; it is taken off before it is sent.
import type { DeviceEntry, FeedEntry, OwnerEntry, ResourceEntry, ResourceRemovedEntry } from '../../protocol/feed/messages.ts'
import type { Device } from '../store/devices-repository.ts'
import type { Policy } from '../store/policies-repository.ts'
import type { Resource } from '../store/resources-repository.ts'

export type LoggedEntry = FeedEntry & { readonly resource_server?: string }

export function buildDeviceEntry(device: Pick<Device, 'id' | 'status' | 'owner' | 'epoch'>): DeviceEntry {
  const { id, status, owner, epoch } = device
  // A device that was never active is unknown to sidecars; were it named, it could do nothing.
  return { kind: 'device', id, status: status === 'active' ? 'active' : 'revoked', owner, epoch }
}

export function buildOwnerEntry(owner: string, policy: Pick<Policy, 'revision' | 'artifact'> | undefined): OwnerEntry {
  return { kind: 'owner', owner, policy_revision: policy?.revision ?? 0, artifact: policy?.artifact ?? null }
}

export function buildResourceEntry(resource: Resource): ResourceEntry & { readonly resource_server: string } {
  const { id, key, name, type, tags, scopes, owner, deviceId, resourceServer } = resource
  return { kind: 'resource', id, key, name, type, tags, resource_scopes: scopes, owner, device_id: deviceId, resource_server: resourceServer }
}

export function buildResourceRemovedEntry(resource: Pick<Resource, 'id' | 'resourceServer'>): ResourceRemovedEntry & { readonly resource_server: string } {
  return { kind: 'resource_removed', id: resource.id, resource_server: resource.resourceServer }
}

/** As it is sent to a resource server: undefined if it concerns another one. */
export function addressEntry(entry: LoggedEntry, resourceServer: string): FeedEntry | undefined {
  const { resource_server: only, ...sent } = entry
  return only === undefined || only === resourceServer ? sent : undefined
}
