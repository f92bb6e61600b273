// Brings what exists in line with the configuration at each start, in one transaction, and tells the sidecars and the log. Does nothing where nothing has changed.
import { buildBase64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildOwnerEntry, buildResourceEntry, buildResourceRemovedEntry, type LoggedEntry } from '../feed/build-entries.ts'
import type { Repositories } from '../store/repositories.ts'
import { listGrantRevocations } from '../tokens/end-grant.ts'
import { type ConfigurationPlan, isNothingToDo, planConfiguration } from './configuration-plan.ts'

const GRANT_ID_BYTES = 16

export async function applyConfiguration(context: Context, now: EpochSeconds): Promise<ConfigurationPlan> {
  const plan = await context.store.transaction(async (repositories) => {
    await repositories.pairings.removeOfClients((clientId) => context.config.clients.some((client) => client.client_id === clientId))
    const planned = await planConfiguration(context, repositories, now)
    if (isNothingToDo(planned)) return planned
    const entries = [...(await applyThings(repositories, planned)), ...(await applyGrants(context, repositories, { plan: planned, now }))]
    await applyRequests(repositories, planned, now)
    if (entries.length > 0) await repositories.feedLog.append(entries, now)
    return planned
  })
  if (!isNothingToDo(plan)) for (const line of describePlan(plan)) context.ports.log.warn('configuration_applied', { change: line })
  return plan
}

async function applyThings(repositories: Repositories, { removed, changed, added }: ConfigurationPlan): Promise<readonly LoggedEntry[]> {
  const entries: LoggedEntry[] = []
  for (const resource of removed) {
    await repositories.resources.remove(resource.id)
    entries.push(buildResourceRemovedEntry(resource))
  }
  for (const { resource } of changed) {
    await repositories.resources.update(resource)
    entries.push(buildResourceEntry(resource))
  }
  for (const resource of added) {
    // Another device has that key: the operator sees it when the device is paired, too.
    if (!(await repositories.resources.add(resource))) continue
    entries.push(buildOwnerEntry(resource.owner, await repositories.policies.find(resource.owner)), buildResourceEntry(resource))
  }
  return entries
}

/**
 * A grant with fewer abilities gets a new name, so that the access tokens of before are refused everywhere; its client renews them and
 * stays paired. Requesting-party tokens live for minutes and do not tell what they are for, so all of them end if an ability did.
 */
async function applyGrants(
  context: Context,
  repositories: Repositories,
  { plan, now }: { readonly plan: ConfigurationPlan; readonly now: EpochSeconds },
): Promise<readonly LoggedEntry[]> {
  const { endedGrants, narrowedGrants, removed, changed } = plan
  const ended: string[] = []
  for (const { id } of endedGrants) {
    await repositories.grants.revoke(id, now)
    ended.push(id)
  }
  for (const { grant, scope } of narrowedGrants) {
    const id = buildBase64url(context.ports.randomBytes(GRANT_ID_BYTES))
    await repositories.grants.replace(grant.id, { ...grant, id, scope }, now)
    ended.push(grant.id)
  }
  const hasLost = removed.length > 0 || changed.some(({ lost }) => lost.length > 0) || endedGrants.some(({ deviceId }) => deviceId === null)
  if (hasLost) ended.push(...(await repositories.rptGrants.revokeAll(now)))
  return listGrantRevocations(repositories, ended, now)
}

async function applyRequests(repositories: Repositories, plan: ConfigurationPlan, now: EpochSeconds): Promise<void> {
  for (const { ticketHash, permissions } of plan.narrowedTickets) await repositories.tickets.narrow(ticketHash, permissions)
  for (const { request, ...why } of plan.closedRequests) await repositories.accessRequests.close({ id: request.id }, why, now)
  for (const { request, scopes } of plan.narrowedRequests) await repositories.accessRequests.narrow(request.id, scopes)
}

const LINES_MAX_PER_KIND = 50

/** For the log and for `--dry-run`: one line for each change, and a count where there are many. */
export function describePlan(plan: ConfigurationPlan): readonly string[] {
  return [
    ...some(plan.removed, ({ key, resourceServer }) => `thing ${key} at ${resourceServer} is removed: no device type provides it any more`),
    ...some(plan.changed, ({ resource, lost }) =>
      lost.length > 0 ? `thing ${resource.key} loses ${lost.join(', ')}` : `thing ${resource.key} follows its device type: ${resource.scopes.join(', ')}`,
    ),
    ...some(plan.added, ({ key, resourceServer }) => `thing ${key} at ${resourceServer} is added: its device type now provides it`),
    ...some(plan.endedGrants, ({ clientId }) => `the tokens of ${clientId} end: everything that they allow was removed`),
    ...some(plan.narrowedGrants, ({ grant, scope }) => `the tokens of ${grant.clientId} are limited to ${scope.join(', ')}`),
    ...count(plan.narrowedTickets, 'permission tickets are reduced or deleted'),
    ...some(plan.closedRequests, ({ request, reason }) => `the request of ${request.requesterEmail} for ${request.scopes.join(', ')} is closed: ${reason}`),
    ...some(plan.narrowedRequests, ({ request, scopes }) => `the request of ${request.requesterEmail} is limited to ${scopes.join(', ')}`),
  ]
}

function some<Item>(items: readonly Item[], describe: (item: Item) => string): readonly string[] {
  const rest = items.length - LINES_MAX_PER_KIND
  return [...items.slice(0, LINES_MAX_PER_KIND).map(describe), ...(rest > 0 ? [`and ${rest} more of this kind`] : [])]
}

function count(items: readonly unknown[], what: string): readonly string[] {
  return items.length === 0 ? [] : [`${items.length} ${what}`]
}
