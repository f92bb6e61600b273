// What of a token's permissions still stands now, for resource servers that ask instead of following the feed. Never adds anything.
import type { AccessTokenClaims, Permission } from '../../protocol/claims.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { assess } from '../sharing/assess.ts'
import type { Person } from '../store/people-repository.ts'
import type { Resource } from '../store/resources-repository.ts'

/**
 * Judged as a new ticket would be: a resource that is gone, or a share that was taken back or now asks first, gives nothing.
 * Conditions of the moment stay out of it, as they do for tickets.
 */
export async function listStandingPermissions(context: Context, claims: AccessTokenClaims, now: EpochSeconds): Promise<readonly Permission[]> {
  const person = await context.store.read.people.find(claims.sub)
  if (person === undefined) return []
  const emailVerified = person.emailVerified && claims.email_verified === true && claims.email === person.email
  const standing: Permission[] = []
  for (const permission of claims.permissions ?? []) {
    const resource = await context.store.read.resources.find(permission.resource_id)
    if (resource === undefined || !claims.aud.includes(resource.resourceServer)) continue
    const asked = { requester: { ...person, emailVerified }, clientId: claims.client_id, resource }
    const scopes = await listGranted(context, { ...asked, scopes: permission.resource_scopes }, now)
    if (scopes.length > 0) standing.push({ ...permission, resource_scopes: scopes })
  }
  return standing
}

interface Asked {
  readonly requester: Person
  readonly clientId: string
  readonly resource: Resource
  readonly scopes: readonly string[]
}

async function listGranted(context: Context, { requester, clientId, resource, scopes }: Asked, now: EpochSeconds): Promise<readonly string[]> {
  const granted: string[] = []
  for (const scope of scopes) {
    const { kind } = await assess(context, { requester, clientId, resource, scope }, now)
    if (kind === 'granted') granted.push(scope)
  }
  return granted
}
