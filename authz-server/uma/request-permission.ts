// A resource server asks for a ticket (UMA 2.0 Federated Authorization section 4). Only for its own resources, of one owner, with registered scopes.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { PermissionRequest } from '../../protocol/uma/messages.ts'
import type { Context } from '../context.ts'
import type { Resource } from '../store/resources-repository.ts'
import { listResourceServers } from './resource-servers.ts'
import { addTicket } from './tickets.ts'

export type PermissionRefusal = 'invalid_resource_id' | 'invalid_scope' | 'several_owners' | 'several_resource_servers'

/** The ticket's text. `clientId` is the PAT's: which resource servers it speaks for is configuration. */
export async function requestPermission(
  context: Context,
  { clientId, permissions }: { readonly clientId: string; readonly permissions: readonly PermissionRequest[] | 'nothing' },
  now: EpochSeconds,
): Promise<Result<string, PermissionRefusal>> {
  if (permissions === 'nothing') return addEmptyTicket(context, clientId, now)
  const asked = { clientId, permissions }
  const found = await findOwnResources(context, asked)
  if (!found.ok) return found
  const [first] = found.value
  if (first === undefined || found.value.some((resource) => resource.owner !== first.owner)) return err('several_owners')
  if (found.value.some((resource) => resource.resourceServer !== first.resourceServer)) return err('several_resource_servers')
  const facts = { resourceServer: first.resourceServer, owner: first.owner, permissions: asked.permissions, requester: null, clientId: null, now }
  return ok(await context.store.transaction((repositories) => addTicket(context, repositories, facts)))
}

/** The sidecar was asked for something that does not exist. The same row is written, so that the answer takes as long. */
async function addEmptyTicket(context: Context, clientId: string, now: EpochSeconds): Promise<Result<string, PermissionRefusal>> {
  const [resourceServer] = listResourceServers(context, clientId)
  if (resourceServer === undefined) return err('invalid_resource_id')
  const facts = { resourceServer, owner: null, permissions: [], requester: null, clientId: null, now }
  return ok(await context.store.transaction((repositories) => addTicket(context, repositories, facts)))
}

async function findOwnResources(
  context: Context,
  asked: { readonly clientId: string; readonly permissions: readonly PermissionRequest[] },
): Promise<Result<readonly Resource[], PermissionRefusal>> {
  const servers = listResourceServers(context, asked.clientId)
  const found: Resource[] = []
  for (const permission of asked.permissions) {
    const resource = await context.store.read.resources.find(permission.resource_id)
    // Somebody else's resource looks like one that does not exist.
    if (resource === undefined || !servers.includes(resource.resourceServer)) return err('invalid_resource_id')
    if (!permission.resource_scopes.every((scope) => resource.scopes.includes(scope))) return err('invalid_scope')
    found.push(resource)
  }
  return ok(found)
}
