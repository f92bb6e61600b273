// What a changed configuration means for what exists already: paired things, tokens, tickets and requests. Reads and compares; changes nothing.

import type { EpochSeconds } from '../../protocol/time.ts'
import type { PermissionRequest } from '../../protocol/uma/messages.ts'
import type { DeviceType, ResourceTemplate } from '../config/config.ts'
import type { Context } from '../context.ts'
import type { AccessRequest, ClosedReason } from '../store/access-requests-repository.ts'
import type { Device } from '../store/devices-repository.ts'
import type { TokenGrant } from '../store/grants-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import type { Resource } from '../store/resources-repository.ts'
import { buildResource } from './build-resource.ts'
import { fillTemplate, findDeviceType, listAbilities } from './device-type.ts'

export interface ConfigurationPlan {
  /** The type, the resource server or the template is gone. */
  readonly removed: readonly Resource[]
  /** As they are from now on; `lost` are abilities that they had. */
  readonly changed: readonly { readonly resource: Resource; readonly lost: readonly string[] }[]
  /** What a type brings now and did not before. */
  readonly added: readonly Resource[]
  /** No scope left, or the client is gone. */
  readonly endedGrants: readonly TokenGrant[]
  readonly narrowedGrants: readonly { readonly grant: TokenGrant; readonly scope: readonly string[] }[]
  /** Without any permission left, a ticket is forgotten. */
  readonly narrowedTickets: readonly { readonly ticketHash: string; readonly permissions: readonly PermissionRequest[] }[]
  readonly closedRequests: readonly { readonly request: AccessRequest; readonly reason: ClosedReason; readonly thingName?: string }[]
  readonly narrowedRequests: readonly { readonly request: AccessRequest; readonly scopes: readonly string[] }[]
}

type PlanContext = Pick<Context, 'config' | 'ports'>

export async function planConfiguration(context: PlanContext, repositories: Repositories, now: EpochSeconds): Promise<ConfigurationPlan> {
  const stored = await repositories.resources.listAll()
  const owned = await repositories.devices.listOwned()
  const things = planThings(context, { stored, owned }, now)
  const after = new Map([...stored, ...things.added].map((resource) => [resource.id, resource]))
  for (const { resource } of things.changed) after.set(resource.id, resource)
  for (const { id } of things.removed) after.delete(id)
  const grants = planGrants(context, { grants: await repositories.grants.listLive(), kinds: new Map(owned.map((device) => [device.id, device.kind])) })
  const isClient = (clientId: string) => context.config.clients.some((client) => client.client_id === clientId)
  const tickets = (await repositories.tickets.listLive(now)).flatMap((ticket) => {
    const permissions = ticket.clientId !== null && !isClient(ticket.clientId) ? [] : narrowPermissions(ticket.permissions, after)
    return isSame(permissions, ticket.permissions) ? [] : [{ ticketHash: ticket.ticketHash, permissions }]
  })
  const names = new Map(stored.map((resource) => [resource.id, resource.name]))
  const requests = planRequests(await repositories.accessRequests.listAllPending(now), { after, names, isClient })
  return { ...things, ...grants, narrowedTickets: tickets, ...requests }
}

export function isNothingToDo(plan: ConfigurationPlan): boolean {
  return Object.values(plan).every((list: readonly unknown[]) => list.length === 0)
}

interface Things {
  readonly stored: readonly Resource[]
  readonly owned: readonly Device[]
}

function planThings(context: PlanContext, { stored, owned }: Things, now: EpochSeconds): Pick<ConfigurationPlan, 'removed' | 'changed' | 'added'> {
  const devices = new Map(owned.map((device) => [device.id, device]))
  const removed: Resource[] = []
  const changed: { resource: Resource; lost: readonly string[] }[] = []
  const kept = new Set<string>()
  for (const resource of stored) {
    const wanted = findWanted(context, resource, devices.get(resource.deviceId ?? ''))
    if (wanted === 'gone') removed.push(resource)
    else {
      kept.add(nameOf(resource))
      const next = wanted === 'as_it_is' ? resource : { ...resource, name: wanted.name, type: wanted.type, tags: wanted.tags, scopes: wanted.scopes }
      if (!isSame(next, resource)) changed.push({ resource: next, lost: resource.scopes.filter((scope) => !next.scopes.includes(scope)) })
    }
  }
  const added = owned.flatMap((device) => listMissing(context, { device, kept }, now))
  return { removed, changed, added }
}

/** What the configuration says of it. A resource that no device brought is bound to its resource server alone. */
function findWanted({ config }: PlanContext, resource: Resource, device: Device | undefined): ResourceTemplate | 'as_it_is' | 'gone' {
  if (!config.resource_servers.some((server) => server.id === resource.resourceServer)) return 'gone'
  if (resource.deviceId === null || device === undefined) return 'as_it_is'
  const type = findDeviceType(config, device.kind)
  if (type?.resource_server !== resource.resourceServer) return 'gone'
  return filled(type, device).find((template) => template.key === resource.key) ?? 'gone'
}

function listMissing(
  context: PlanContext,
  { device, kept }: { readonly device: Device; readonly kept: ReadonlySet<string> },
  now: EpochSeconds,
): readonly Resource[] {
  const { owner } = device
  const type = findDeviceType(context.config, device.kind)
  if (type === undefined || owner === null) return []
  const missing = type.resources.filter((template) => !kept.has(nameOf({ resourceServer: type.resource_server, key: fillTemplate(template, device.id).key })))
  return missing.map((template) => buildResource(context, { type, template, device: { id: device.id, owner } }, now))
}

function filled(type: DeviceType, device: Device): readonly ResourceTemplate[] {
  return type.resources.map((template) => fillTemplate(template, device.id))
}

function nameOf({ resourceServer, key }: Pick<Resource, 'resourceServer' | 'key'>): string {
  return `${resourceServer} ${key}`
}

interface Grants {
  readonly grants: readonly TokenGrant[]
  /** Of each device that has an owner. */
  readonly kinds: ReadonlyMap<string, string>
}

function planGrants({ config }: PlanContext, { grants, kinds }: Grants): Pick<ConfigurationPlan, 'endedGrants' | 'narrowedGrants'> {
  const endedGrants: TokenGrant[] = []
  const narrowedGrants: { grant: TokenGrant; scope: readonly string[] }[] = []
  for (const grant of grants) {
    const type = grant.deviceId === null ? undefined : findDeviceType(config, kinds.get(grant.deviceId) ?? '')
    const client = config.clients.find((known) => known.client_id === grant.clientId)
    const offered = grant.deviceId === null ? (client?.scopes ?? []) : type === undefined ? [] : listAbilities(type)
    const scope = grant.scope.filter((name) => offered.includes(name))
    if (scope.length === 0) endedGrants.push(grant)
    else if (scope.length < grant.scope.length) narrowedGrants.push({ grant, scope })
  }
  return { endedGrants, narrowedGrants }
}

function narrowPermissions(permissions: readonly PermissionRequest[], after: ReadonlyMap<string, Resource>): readonly PermissionRequest[] {
  return permissions.flatMap((permission) => {
    const offered = after.get(permission.resource_id)?.scopes
    if (offered === undefined) return []
    const scopes = permission.resource_scopes.filter((scope) => offered.includes(scope))
    // A ticket without abilities asks for what the client names itself: that stays so.
    return scopes.length === 0 && permission.resource_scopes.length > 0 ? [] : [{ ...permission, resource_scopes: scopes }]
  })
}

interface Surroundings {
  readonly after: ReadonlyMap<string, Resource>
  readonly names: ReadonlyMap<string, string>
  readonly isClient: (clientId: string) => boolean
}

function planRequests(pending: readonly AccessRequest[], surroundings: Surroundings): Pick<ConfigurationPlan, 'closedRequests' | 'narrowedRequests'> {
  const closedRequests: { request: AccessRequest; reason: ClosedReason; thingName?: string }[] = []
  const narrowedRequests: { request: AccessRequest; scopes: readonly string[] }[] = []
  for (const request of pending) {
    const scopes = listOffered(request, surroundings)
    const reason = findClosedReason(request, { ...surroundings, scopes })
    const name = surroundings.names.get(request.resourceId)
    if (reason !== undefined) closedRequests.push({ request, reason, ...(name === undefined ? {} : { thingName: name }) })
    else if (scopes.length < request.scopes.length) narrowedRequests.push({ request, scopes })
  }
  return { closedRequests, narrowedRequests }
}

function listOffered({ resourceId, scopes }: AccessRequest, { after }: Surroundings): readonly string[] {
  const offered = after.get(resourceId)?.scopes ?? []
  return scopes.filter((scope) => offered.includes(scope))
}

function findClosedReason(
  { resourceId, clientId }: AccessRequest,
  { after, isClient, scopes }: Surroundings & { readonly scopes: readonly string[] },
): ClosedReason | undefined {
  if (!after.has(resourceId)) return 'thing_gone'
  if (!isClient(clientId)) return 'app_gone'
  return scopes.length === 0 ? 'ability_gone' : undefined
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
