// The UMA grant (UMA 2.0 Grant 3.3): a ticket and claims in; permissions, a request to the owner, or a refusal out. Each ticket is used once.
import type { Reason } from '../../policies/contract/reasons.ts'
import type { Permission } from '../../protocol/claims.ts'
import type { Proof } from '../../protocol/dpop/verify-proof.ts'
import { buildBase64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { assessAll as assessWishes, type Wish } from '../sharing/assess.ts'
import type { Person } from '../store/people-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import type { Resource } from '../store/resources-repository.ts'
import type { Ticket } from '../store/tickets-repository.ts'
import { buildAccessToken, RPT_LIFETIME_SECONDS } from '../tokens/build-access-token.ts'
import { type AskedWish, openRequest } from './open-request.ts'
import { addTicket, hashTicket } from './tickets.ts'
import { verifyClaimToken } from './verify-claim-token.ts'

export interface Redemption {
  readonly ticket: string
  /** An ID token, if the client pushed one. */
  readonly claimToken: string | undefined
  readonly clientId: string
  /** What the client may ask for beyond the ticket: scopes it is registered with and named in this request (Grant 3.3.4). */
  readonly extraScopes: readonly string[]
  readonly proof: Proof
}

export type RedemptionOutcome =
  | { readonly kind: 'issued'; readonly token: string }
  | { readonly kind: 'need_info'; readonly ticket: string }
  | { readonly kind: 'request_submitted'; readonly ticket: string }
  | { readonly kind: 'request_denied' }
  | { readonly kind: 'invalid_grant' }

const GRANT_ID_BYTES = 16
const INVALID_GRANT: RedemptionOutcome = { kind: 'invalid_grant' }

export async function redeemTicket(context: Context, redemption: Redemption, now: EpochSeconds): Promise<RedemptionOutcome> {
  const use = { ticketHash: hashTicket(redemption.ticket), clientId: redemption.clientId }
  const ticket = await context.store.read.tickets.findUsable(use, now)
  if (ticket === undefined) return refuse(context, 'ticket_unusable')
  const person = await identify(context, redemption, now)
  if (person === undefined) return rotate(context, { ticket, redemption, kind: 'need_info' }, now)
  if (ticket.requester !== null && ticket.requester !== person.id) return refuse(context, 'ticket_of_another_person')
  const assessed = await assessAll(context, { ticket, person, redemption }, now)
  return settle(context, { ticket, person, redemption, ...assessed }, now)
}

function refuse(context: Context, reason: string): RedemptionOutcome {
  context.ports.log.info('ticket_refused', { reason })
  return INVALID_GRANT
}

async function identify(context: Context, { claimToken, clientId, proof }: Redemption, now: EpochSeconds): Promise<Person | undefined> {
  if (claimToken === undefined) return undefined
  const person = await verifyClaimToken(context, { text: claimToken, clientId, jkt: proof.jkt }, now)
  if (person.ok) return person.value
  context.ports.log.info('claim_token_refused', { reason: person.error, client_id: clientId })
  return undefined
}

interface Assessed {
  readonly granted: readonly Permission[]
  readonly asks: readonly AskedWish[]
}

interface Claimed {
  readonly ticket: Ticket
  readonly person: Person
  readonly redemption: Redemption
}

/** UMA 2.0 Grant 3.3.4 for each resource and scope of the ticket. The owner's rules are asked once, about all of them. */
async function assessAll(context: Context, { ticket, person, redemption }: Claimed, now: EpochSeconds): Promise<Assessed> {
  const wishes: Wish[] = []
  for (const permission of ticket.permissions) {
    const resource = await findResource(context, ticket, permission.resource_id)
    if (resource === undefined) continue
    const extra = redemption.extraScopes.filter((scope) => resource.scopes.includes(scope))
    for (const scope of new Set([...permission.resource_scopes, ...extra])) wishes.push({ requester: person, clientId: redemption.clientId, resource, scope })
  }
  const assessments = await assessWishes(context, wishes, now)
  const granted = new Map<string, string[]>()
  const asked = new Map<string, { readonly owner: string; readonly scopes: string[]; readonly reasons: Reason[] }>()
  for (const [index, { resource, scope }] of wishes.entries()) {
    const answer = assessments[index]
    if (answer?.kind === 'granted') granted.set(resource.id, [...(granted.get(resource.id) ?? []), scope])
    if (answer?.kind !== 'ask') continue
    const ask = asked.get(resource.id) ?? { owner: resource.owner, scopes: [], reasons: [] }
    ask.scopes.push(scope)
    ask.reasons.push(...answer.reasons)
    asked.set(resource.id, ask)
  }
  const asker = { requester: person.id, requesterEmail: person.email, clientId: redemption.clientId }
  return {
    granted: [...granted].map(([resource_id, resource_scopes]) => ({ resource_id, resource_scopes })),
    asks: [...asked].map(([resourceId, ask]) => ({ ...asker, resourceId, ...ask })),
  }
}

/** A resource that changed hands since gives nothing. */
async function findResource(context: Context, ticket: Ticket, id: string): Promise<Resource | undefined> {
  const resource = await context.store.read.resources.find(id)
  return resource?.owner === ticket.owner && resource.resourceServer === ticket.resourceServer ? resource : undefined
}

/** Everything that this answer changes, in one transaction; of several uses of one ticket at once, one gets here. */
function settle(context: Context, claimed: Claimed & Assessed, now: EpochSeconds): Promise<RedemptionOutcome> {
  const { ticket, granted } = claimed
  const { clientId } = claimed.redemption
  return context.store.transaction(async (repositories): Promise<RedemptionOutcome> => {
    if (!(await repositories.tickets.takeOnce({ ticketHash: ticket.ticketHash, clientId }, now))) return INVALID_GRANT
    const approvals = await findApprovals(claimed.asks, repositories, now)
    const asks = claimed.asks.map((ask) => ({ ...ask, scopes: ask.scopes.filter((scope) => !approvals.some((one) => one.covers(ask, scope))) }))
    if (await isWaiting(context, { asks: asks.filter(({ scopes }) => scopes.length > 0), repositories }, now)) {
      const next = await addTicket(context, repositories, { ...ticket, requester: claimed.person.id, clientId, now })
      return { kind: 'request_submitted', ticket: next }
    }
    const once = await useApprovals(approvals, repositories, now)
    if (granted.length + once.length === 0) return { kind: 'request_denied' }
    return { kind: 'issued', token: await issue(context, { ...claimed, granted: [...granted, ...once], repositories }, now) }
  })
}

/** How long the one request may take to begin. The sidecar remembers its id for as long. */
export const ONCE_PERMISSION_SECONDS = 120

interface Approval {
  readonly requestId: string
  readonly resourceId: string
  readonly scopes: readonly string[]
  readonly covers: (ask: AskedWish, scope: string) => boolean
}

/** Approvals of one request that nobody has used yet. */
async function findApprovals(asks: readonly AskedWish[], { accessRequests }: Repositories, now: EpochSeconds): Promise<readonly Approval[]> {
  const found: Approval[] = []
  for (const ask of asks) {
    const asked = await accessRequests.listAsked(ask)
    for (const { id, onceUntil, onceUsedAt, grantedScopes, status } of asked) {
      if (status !== 'approved' || typeof onceUntil !== 'number' || onceUntil <= now || typeof onceUsedAt === 'number') continue
      const scopes = ask.scopes.filter((scope) => grantedScopes.includes(scope))
      if (scopes.length > 0) found.push({ requestId: id, resourceId: ask.resourceId, scopes, covers: (one, scope) => one === ask && scopes.includes(scope) })
    }
  }
  return found
}

/** One use of each ability. */
async function useApprovals(approvals: readonly Approval[], { accessRequests }: Repositories, now: EpochSeconds): Promise<readonly Permission[]> {
  const permissions: Permission[] = []
  for (const { requestId, resourceId, scopes } of approvals) {
    if (!(await accessRequests.useApproval(requestId, now))) continue
    const shared = { resource_id: resourceId, exp: now + ONCE_PERMISSION_SECONDS }
    permissions.push(...scopes.map((scope) => ({ ...shared, resource_scopes: [scope], once: `${requestId} ${scope}` })))
  }
  return permissions
}

async function isWaiting(
  context: Context,
  { asks, repositories }: { readonly asks: readonly AskedWish[]; readonly repositories: Repositories },
  now: EpochSeconds,
): Promise<boolean> {
  let waits = false
  for (const wish of asks) {
    const outcome = await openRequest(context, { requests: repositories.accessRequests, wish }, now)
    if (outcome === 'too_many') context.ports.log.warn('access_requests_limit', { owner: wish.owner, requester: wish.requester })
    waits ||= outcome === 'waits'
  }
  return waits
}

/** An RPT is bound to the key of this request (RFC 7800): never a bearer token. */
async function issue(context: Context, claimed: Claimed & Assessed & { readonly repositories: Repositories }, now: EpochSeconds): Promise<string> {
  const { ticket, person, redemption, granted, repositories } = claimed
  const { jkt, jwk } = redemption.proof
  const grantId = buildBase64url(context.ports.randomBytes(GRANT_ID_BYTES))
  await repositories.rptGrants.add({ id: grantId, clientId: redemption.clientId, personId: person.id, jkt, createdAt: now })
  const request = {
    sub: person.id,
    aud: [ticket.resourceServer],
    client_id: redemption.clientId,
    grant_id: grantId,
    scope: [],
    cnf: { jkt, jwk },
    email: person.email,
    email_verified: person.emailVerified,
    permissions: granted,
    lifetimeSeconds: RPT_LIFETIME_SECONDS,
  }
  return buildAccessToken(request, context, now).text
}

async function rotate(
  context: Context,
  { ticket, redemption, kind }: { readonly ticket: Ticket; readonly redemption: Redemption; readonly kind: 'need_info' },
  now: EpochSeconds,
): Promise<RedemptionOutcome> {
  const { clientId } = redemption
  return context.store.transaction(async (repositories): Promise<RedemptionOutcome> => {
    if (!(await repositories.tickets.takeOnce({ ticketHash: ticket.ticketHash, clientId }, now))) return INVALID_GRANT
    return { kind, ticket: await addTicket(context, repositories, { ...ticket, clientId, now }) }
  })
}
