// Does a request still need its owner's answer? Not if it was answered, has run out, or asks for what is gone; then it is closed, with the reason kept.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { AccessRequest, ClosedReason } from '../store/access-requests-repository.ts'

export interface OwnRequest {
  readonly requestId: string
  readonly owner: string
}

/** The request as it stands, closed if there is nothing left to answer; undefined if this owner has none of that name. */
export async function settleRequest(context: Context, { requestId, owner }: OwnRequest, now: EpochSeconds): Promise<AccessRequest | undefined> {
  const { accessRequests } = context.store.read
  const request = await accessRequests.find(owner, requestId)
  if (request?.status !== 'pending') return request
  const gone = await findWhatIsGone(context, request, now)
  if (gone === undefined) return request
  await context.store.transaction((repositories) => repositories.accessRequests.close({ id: request.id }, gone, now))
  context.ports.log.info('access_request_closed', { owner, request: request.id, reason: gone.reason })
  return accessRequests.find(owner, requestId)
}

async function findWhatIsGone(
  context: Context,
  request: AccessRequest,
  now: EpochSeconds,
): Promise<{ readonly reason: ClosedReason; readonly thingName?: string } | undefined> {
  const { resources, people } = context.store.read
  const resource = await resources.find(request.resourceId)
  const named = resource?.owner === request.owner ? { thingName: resource.name } : {}
  if (resource?.owner !== request.owner) return { reason: 'thing_gone' }
  if (request.expiresAt <= now) return { reason: 'expired', ...named }
  if ((await people.find(request.requester)) === undefined) return { reason: 'requester_gone', ...named }
  if (!request.scopes.some((scope) => resource.scopes.includes(scope))) return { reason: 'ability_gone', ...named }
  return undefined
}
