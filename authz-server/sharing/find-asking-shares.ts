// The shares of an owner's rules that let people ask, as the rules are now. The inbox shows these, and an approval keeps their limits.
import { EVERYTHING } from '../../policies/words.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { AccessRequest } from '../store/access-requests-repository.ts'
import type { Person } from '../store/people-repository.ts'
import type { Resource } from '../store/resources-repository.ts'
import { assessAll, type Wish } from './assess.ts'
import type { AskingShare } from './thread/job-types.ts'

export interface PendingRequest {
  readonly request: AccessRequest
  readonly resource: Resource | undefined
  readonly requester: Person | undefined
}

export interface AskingShares {
  readonly shares: readonly AskingShare[]
  /** At least one of the abilities is asked for each time. */
  readonly eachTime: boolean
}

/** For each request, in order, the shares that let them ask, each once; undefined if one of the abilities cannot be asked for any more. */
export async function findAskingShares(
  context: Context,
  pending: readonly PendingRequest[],
  now: EpochSeconds,
): Promise<readonly (AskingShares | undefined)[]> {
  const wishes = pending.map((one) => listWishes(one, one.request.scopes))
  const assessments = await assessAll(
    context,
    wishes.flatMap((some) => some ?? []),
    now,
  )
  let next = 0
  return wishes.map((some) => {
    if (some === undefined) return undefined
    const found = new Map<number, AskingShare>()
    let isOpen = true
    let eachTime = false
    for (const { scope } of some) {
      const assessment = assessments[next]
      next += 1
      // In rules this word stands for every ability: a share cannot give an ability of that name alone.
      if (assessment === undefined || assessment.kind === 'denied' || scope === EVERYTHING) isOpen = false
      else if (assessment.kind === 'ask') {
        found.set(assessment.share.line, assessment.share)
        eachTime ||= assessment.eachTime
      }
    }
    return isOpen ? { shares: [...found.values()], eachTime } : undefined
  })
}

/** Undefined if the person or the thing is not what it was when they asked. */
export function listWishes({ request, resource, requester }: PendingRequest, scopes: readonly string[]): readonly Wish[] | undefined {
  if (requester === undefined || requester.email !== request.requesterEmail || resource?.owner !== request.owner) return undefined
  return scopes.map((scope) => ({ requester, clientId: request.clientId, resource, scope }))
}
