// What of a token's permissions still stands now, for resource servers that ask instead of following the feed. Never adds anything.
import type { AccessTokenClaims, Permission } from '../../protocol/claims.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { assessAll } from '../sharing/assess.ts'
import type { Resource } from '../store/resources-repository.ts'

/**
 * Judged as a new ticket would be: a resource that is gone, or a share that was taken back or now asks first, gives nothing.
 * Conditions of the moment stay out of it, as they do for tickets.
 */
export async function listStandingPermissions(context: Context, claims: AccessTokenClaims, now: EpochSeconds): Promise<readonly Permission[]> {
  const person = await context.store.read.people.find(claims.sub)
  if (person === undefined) return []
  const emailVerified = person.emailVerified && claims.email_verified === true && claims.email === person.email
  const requester = { ...person, emailVerified }
  const held = await listHeld(context, claims)
  const wishes = held.flatMap(({ resource, permission }) =>
    permission.resource_scopes.map((scope) => ({ requester, clientId: claims.client_id, resource, scope })),
  )
  const assessments = await assessAll(context, wishes, now)
  const granted = new Set(wishes.filter((_wish, index) => assessments[index]?.kind === 'granted'))
  return held.flatMap(({ resource, permission }) => {
    const scopes = permission.resource_scopes.filter((scope) => [...granted].some((wish) => wish.resource === resource && wish.scope === scope))
    return scopes.length === 0 ? [] : [{ ...permission, resource_scopes: scopes }]
  })
}

interface Held {
  readonly resource: Resource
  readonly permission: Permission
}

/** Permissions for things that are still there. */
async function listHeld(context: Context, claims: AccessTokenClaims): Promise<readonly Held[]> {
  const held: Held[] = []
  for (const permission of claims.permissions ?? []) {
    const resource = await context.store.read.resources.find(permission.resource_id)
    if (resource !== undefined && claims.aud.includes(resource.resourceServer)) held.push({ resource, permission })
  }
  return held
}
