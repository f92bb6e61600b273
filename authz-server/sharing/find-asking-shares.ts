// The shares of an owner's rules that let somebody ask for these abilities, as the rules are now. What the inbox shows and what an approval copies is this.
import type { Share } from '../../policies/model/rule-set.ts'
import { EVERYTHING } from '../../policies/words.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { AccessRequest } from '../store/access-requests-repository.ts'
import type { Resource } from '../store/resources-repository.ts'
import { assess } from './assess.ts'

export interface AskedScopes {
  readonly request: AccessRequest
  readonly resource: Resource | undefined
  readonly scopes: readonly string[]
}

export interface AskingShare {
  readonly scope: string
  readonly share: Share
}

/** Abilities that are allowed by now need no share. Undefined if one of them is not to be asked for any more. */
export async function findAskingShares(
  context: Context,
  { request, resource, scopes }: AskedScopes,
  now: EpochSeconds,
): Promise<readonly AskingShare[] | undefined> {
  const requester = await context.store.read.people.find(request.requester)
  if (requester === undefined || requester.email !== request.requesterEmail || resource?.owner !== request.owner) return undefined
  const found: AskingShare[] = []
  for (const scope of scopes) {
    const assessment = await assess(context, { requester, clientId: request.clientId, resource, scope }, now)
    // In rules this word stands for every ability: a share cannot give an ability of that name alone.
    if (assessment.kind === 'denied' || scope === EVERYTHING) return undefined
    if (assessment.kind === 'ask') found.push({ scope, share: assessment.share })
  }
  return found
}
