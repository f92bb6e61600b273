// Requests that wait for an owner's answer, and the answers. One pending request per owner, requester, client, resource and set of abilities.
import type { Kysely } from 'kysely'
import type { Reason } from '../../policies/contract/reasons.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { AccessRequestsTable, Schema } from './schema.ts'

export interface AccessRequest {
  readonly id: string
  readonly owner: string
  readonly requester: string
  readonly requesterEmail: string
  readonly clientId: string
  readonly resourceId: string
  /** Sorted. */
  readonly scopes: readonly string[]
  readonly reasons: readonly Reason[]
  readonly grantedScopes: readonly string[]
  readonly status: 'pending' | 'approved' | 'denied' | 'closed'
  readonly createdAt: EpochSeconds
  /** A request that nobody answered ends here. */
  readonly expiresAt: EpochSeconds
  readonly decidedAt: EpochSeconds | null
  /** Of a closed request: why nobody has to answer it any more. */
  readonly closedReason?: ClosedReason
  /** Of a closed request: what the thing was called. */
  readonly thingName?: string
  /** Approved for one request, which must be made by then; null for an approval that became a share. */
  readonly onceUntil?: EpochSeconds | null
  readonly onceUsedAt?: EpochSeconds | null
}

/** Why a request needs no answer: its thing, its requester, its app or the ability is gone, or nobody answered in time. */
export type ClosedReason = 'thing_gone' | 'requester_gone' | 'app_gone' | 'ability_gone' | 'expired'

/** Pending requests that end together. */
export type RequestsToClose = { readonly id: string } | { readonly resourceId: string } | { readonly requester: string }

/** Who asks whom, through what, for which thing. */
export type AskedFor = Pick<AccessRequest, 'owner' | 'requester' | 'clientId' | 'resourceId'>

export interface AccessDecision {
  readonly id: string
  readonly owner: string
  readonly status: 'approved' | 'denied'
  readonly grantedScopes: readonly string[]
  readonly onceUntil?: EpochSeconds
}

export interface AccessRequestsRepository {
  add(request: AccessRequest): Promise<void>
  /** Only this owner's. */
  find(owner: string, id: string): Promise<AccessRequest | undefined>
  /** Oldest first; expired ones are left out. */
  listPending(owner: string, now: EpochSeconds): Promise<readonly AccessRequest[]>
  /** Newest answer first. */
  listDecided(owner: string, most: number): Promise<readonly AccessRequest[]>
  /** All of these four, newest first. */
  listAsked(asked: AskedFor): Promise<readonly AccessRequest[]>
  countPending(owner: string, now: EpochSeconds): Promise<number>
  countOfRequester(requester: string, since: EpochSeconds): Promise<number>
  /** True if the request was still pending and is this owner's; one of several calls at once gets true. */
  decideOnce(decision: AccessDecision, now: EpochSeconds): Promise<boolean>
  /** How many were pending and are closed now. */
  close(which: RequestsToClose, why: { readonly reason: ClosedReason; readonly thingName?: string | undefined }, now: EpochSeconds): Promise<number>
  /** Closes what ran out without an answer, and what asks for a resource that is gone. */
  closeStale(now: EpochSeconds): Promise<number>
  /** All that wait, of every owner. */
  listAllPending(now: EpochSeconds): Promise<readonly AccessRequest[]>
  /** Asks for fewer abilities from now on. */
  narrow(id: string, scopes: readonly string[]): Promise<void>
  /** True if this call used up an approval of one request; of several at once, one gets true. */
  useApproval(id: string, now: EpochSeconds): Promise<boolean>
}

export function createAccessRequestsRepository(db: Kysely<Schema>): AccessRequestsRepository {
  const count = () => db.selectFrom('access_requests').select((eb) => eb.fn.countAll<number>().as('count'))
  return {
    async add(request) {
      await db.insertInto('access_requests').values(buildRow(request)).execute()
    },
    async find(owner, id) {
      const row = await db.selectFrom('access_requests').selectAll().where('id', '=', id).where('owner', '=', owner).executeTakeFirst()
      return row && readRequest(row)
    },
    async listPending(owner, now) {
      const pending = db.selectFrom('access_requests').selectAll().where('owner', '=', owner).where('status', '=', 'pending').where('expires_at', '>', now)
      return (await pending.orderBy('created_at').orderBy('id').execute()).map(readRequest)
    },
    async listDecided(owner, most) {
      const decided = db.selectFrom('access_requests').selectAll().where('owner', '=', owner).where('status', '!=', 'pending')
      return (await decided.orderBy('decided_at', 'desc').limit(most).execute()).map(readRequest)
    },
    async listAsked({ owner, requester, clientId, resourceId }) {
      const asked = db
        .selectFrom('access_requests')
        .selectAll()
        .where('owner', '=', owner)
        .where('requester', '=', requester)
        .where('client_id', '=', clientId)
        .where('resource_id', '=', resourceId)
      return (await asked.orderBy('created_at', 'desc').execute()).map(readRequest)
    },
    async countPending(owner, now) {
      const row = await count().where('owner', '=', owner).where('status', '=', 'pending').where('expires_at', '>', now).executeTakeFirstOrThrow()
      return row.count
    },
    async countOfRequester(requester, since) {
      const row = await count().where('requester', '=', requester).where('created_at', '>', since).executeTakeFirstOrThrow()
      return row.count
    },
    async decideOnce({ id, owner, status, grantedScopes, onceUntil = null }, now) {
      const result = await db
        .updateTable('access_requests')
        .set({ status, granted_scopes: JSON.stringify(grantedScopes), decided_at: now, once_until: onceUntil })
        .where('id', '=', id)
        .where('owner', '=', owner)
        .where('status', '=', 'pending')
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async close(which, { reason, thingName = null }, now) {
      const [column, value] =
        'id' in which
          ? (['id', which.id] as const)
          : 'resourceId' in which
            ? (['resource_id', which.resourceId] as const)
            : (['requester', which.requester] as const)
      const pending = db.updateTable('access_requests').where('status', '=', 'pending').where(column, '=', value)
      return Number((await pending.set({ status: 'closed', closed_reason: reason, thing_name: thingName, decided_at: now }).executeTakeFirst()).numUpdatedRows)
    },
    async closeStale(now) {
      const pending = db.updateTable('access_requests').where('status', '=', 'pending')
      const expired = await pending
        .where('expires_at', '<=', now)
        .set((eb) => ({ status: 'closed' as const, closed_reason: 'expired', decided_at: eb.ref('expires_at') }))
        .executeTakeFirst()
      const orphaned = await pending
        .where('resource_id', 'not in', (eb) => eb.selectFrom('resources').select('id'))
        .set({ status: 'closed', closed_reason: 'thing_gone', decided_at: now })
        .executeTakeFirst()
      return Number(expired.numUpdatedRows + orphaned.numUpdatedRows)
    },
    async listAllPending(now) {
      const pending = db.selectFrom('access_requests').selectAll().where('status', '=', 'pending').where('expires_at', '>', now)
      return (await pending.orderBy('id').execute()).map(readRequest)
    },
    async narrow(id, scopes) {
      await db
        .updateTable('access_requests')
        .set({ scopes: JSON.stringify(scopes) })
        .where('id', '=', id)
        .execute()
    },
    async useApproval(id, now) {
      const usable = db.updateTable('access_requests').set({ once_used_at: now }).where('id', '=', id).where('status', '=', 'approved')
      const result = await usable.where('once_used_at', 'is', null).where('once_until', '>', now).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
  }
}

function buildRow(request: AccessRequest): AccessRequestsTable {
  return {
    id: request.id,
    owner: request.owner,
    requester: request.requester,
    requester_email: request.requesterEmail,
    client_id: request.clientId,
    resource_id: request.resourceId,
    scopes: JSON.stringify(request.scopes),
    reasons: JSON.stringify(request.reasons),
    granted_scopes: JSON.stringify(request.grantedScopes),
    status: request.status,
    created_at: request.createdAt,
    expires_at: request.expiresAt,
    decided_at: request.decidedAt,
    closed_reason: request.closedReason ?? null,
    thing_name: request.thingName ?? null,
    once_until: request.onceUntil ?? null,
    once_used_at: request.onceUsedAt ?? null,
  }
}

function readRequest(row: AccessRequestsTable): AccessRequest {
  return {
    id: row.id,
    owner: row.owner,
    requester: row.requester,
    requesterEmail: row.requester_email,
    clientId: row.client_id,
    resourceId: row.resource_id,
    scopes: JSON.parse(row.scopes) as string[],
    reasons: JSON.parse(row.reasons) as Reason[],
    grantedScopes: JSON.parse(row.granted_scopes) as string[],
    status: row.status,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
    ...(row.closed_reason === null ? {} : { closedReason: row.closed_reason as ClosedReason }),
    ...(row.thing_name === null ? {} : { thingName: row.thing_name }),
    ...(row.once_until === null ? {} : { onceUntil: row.once_until, onceUsedAt: row.once_used_at }),
  }
}
