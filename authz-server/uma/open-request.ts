// Puts a wish before its owner, once: the same wish joins the request that waits already, an answer stands for a while, and nobody can flood an inbox.

import type { Reason } from '../../policies/contract/reasons.ts'
import { buildBase64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { AccessRequest, AccessRequestsRepository, AskedFor } from '../store/access-requests-repository.ts'

/** Silence ends a request: the requester learns it, and the inbox does not fill up. */
export const ACCESS_REQUEST_LIFETIME_SECONDS = 7 * 86_400
/** How long a "no" stands before the same wish may be put again. */
export const REFUSAL_STANDS_SECONDS = 86_400
/** An approval may be younger than the rules that a poll was judged by. */
const APPROVAL_SETTLES_SECONDS = 60
/** An inbox that a person can still read. */
export const PENDING_MAX_PER_OWNER = 100
/** New requests of one person in one day, to all owners. */
export const REQUESTS_MAX_PER_REQUESTER = 50
const REQUEST_WINDOW_SECONDS = 86_400
const REQUEST_ID_BYTES = 16

export interface AskedWish extends AskedFor {
  readonly requesterEmail: string
  readonly scopes: readonly string[]
  readonly reasons: readonly Reason[]
}

export type RequestOutcome = 'waits' | 'refused' | 'too_many'

/** Runs inside the transaction that uses up the ticket. */
export async function openRequest(
  context: Context,
  { requests, wish }: { readonly requests: AccessRequestsRepository; readonly wish: AskedWish },
  now: EpochSeconds,
): Promise<RequestOutcome> {
  const asked = await requests.listAsked(wish)
  const open: string[] = []
  let waits = false
  for (const scope of wish.scopes) {
    switch (standingOf(scope, asked, now)) {
      case 'waits':
        waits = true
        break
      case 'new':
        open.push(scope)
        break
      case 'refused':
    }
  }
  if (open.length === 0) return waits ? 'waits' : 'refused'
  if ((await requests.countPending(wish.owner, now)) >= PENDING_MAX_PER_OWNER) return 'too_many'
  if ((await requests.countOfRequester(wish.requester, now - REQUEST_WINDOW_SECONDS)) >= REQUESTS_MAX_PER_REQUESTER) return 'too_many'
  await requests.add(buildRequest(context, { ...wish, scopes: [...open].sort() }, now))
  return 'waits'
}

/** Newest first: a later answer replaces an earlier one; a request that nobody answered in time counts for nothing. */
function standingOf(scope: string, asked: readonly AccessRequest[], now: EpochSeconds): 'waits' | 'refused' | 'new' {
  const latest = asked.find(
    (request) => request.scopes.includes(scope) && request.status !== 'closed' && (request.status !== 'pending' || request.expiresAt > now),
  )
  if (latest === undefined) return 'new'
  if (latest.status === 'pending') return 'waits'
  const age = now - (latest.decidedAt ?? 0)
  // Good for one request, which was made or can be no more.
  if (latest.grantedScopes.includes(scope) && typeof latest.onceUntil === 'number') return 'new'
  if (latest.grantedScopes.includes(scope)) return age < APPROVAL_SETTLES_SECONDS ? 'waits' : 'new'
  return age < REFUSAL_STANDS_SECONDS ? 'refused' : 'new'
}

function buildRequest(context: Context, wish: AskedWish, now: EpochSeconds): AccessRequest {
  return {
    id: buildBase64url(context.ports.randomBytes(REQUEST_ID_BYTES)),
    owner: wish.owner,
    requester: wish.requester,
    requesterEmail: wish.requesterEmail,
    clientId: wish.clientId,
    resourceId: wish.resourceId,
    scopes: wish.scopes,
    reasons: wish.reasons,
    grantedScopes: [],
    status: 'pending',
    createdAt: now,
    expiresAt: now + ACCESS_REQUEST_LIFETIME_SECONDS,
    decidedAt: null,
  }
}
