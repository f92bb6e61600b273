// A device asks whether its person has answered, and takes its tokens once they said yes (RFC 8628 section 3.4, 3.5). Of many polls at once, one gets them.
import type { Proof } from '../../protocol/dpop/verify-proof.ts'
import { buildBase64url } from '../../protocol/encoding.ts'
import type { TokenResponse } from '../../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { TokenGrant } from '../store/grants-repository.ts'
import type { Pairing } from '../store/pairings-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { findStanding } from '../tokens/find-standing.ts'
import { issueTokens } from '../tokens/issue-tokens.ts'
import { judgePoll } from './pairing.ts'
import { hashDeviceCode } from './start-pairing.ts'

const GRANT_ID_BYTES = 16

export interface Poll {
  readonly deviceCode: string
  readonly clientId: string
  readonly proof: Proof
}

export type PollRefusal = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant'

export async function redeemPairing(context: Context, poll: Poll, now: EpochSeconds): Promise<Result<TokenResponse, PollRefusal>> {
  const hash = hashDeviceCode(poll.deviceCode)
  const seen = await context.store.read.pairings.findByDeviceCode(hash)
  // Another client, or another key: refused without a trace, so that the rightful one can finish (attack row V02).
  if (seen === undefined || seen.clientId !== poll.clientId || !isKeyOf(seen, poll.proof)) return err('invalid_grant')
  return context.store.transaction(async (repositories) => {
    const pairing = await repositories.pairings.find(seen.id)
    if (pairing === undefined) return err('invalid_grant')
    // The first poll of an app binds its key (proof_at_start: optional); of several at once, one does.
    const isItsKey = pairing.jkt === null ? await repositories.pairings.bindKey(pairing.id, poll.proof) : isKeyOf(pairing, poll.proof)
    return isItsKey ? settle(context, { repositories, pairing, poll }, now) : err('invalid_grant')
  })
}

function isKeyOf(pairing: Pairing, proof: Proof): boolean {
  return pairing.jkt === null || pairing.jkt === proof.jkt
}

interface Settling {
  readonly repositories: Repositories
  readonly pairing: Pairing
  readonly poll: Poll
}

async function settle(context: Context, settling: Settling, now: EpochSeconds): Promise<Result<TokenResponse, PollRefusal>> {
  const { repositories, pairing } = settling
  const pollNow = context.pollClock.nowFor(pairing.id, now)
  const verdict = judgePoll(pairing, pollNow)
  switch (verdict.kind) {
    case 'redeemed':
      return err('invalid_grant')
    case 'denied':
      return err('access_denied')
    case 'expired':
      return err('expired_token')
    case 'pending':
      await repositories.pairings.notePoll(pairing.id, verdict.next)
      return err('authorization_pending')
    case 'slow_down':
      await repositories.pairings.notePoll(pairing.id, verdict.next)
      return err('slow_down')
    case 'approved':
      return redeem(context, { ...settling, pollNow }, now)
  }
}

async function redeem(
  context: Context,
  { repositories, pairing, poll, pollNow }: Settling & { readonly pollNow: EpochSeconds },
  now: EpochSeconds,
): Promise<Result<TokenResponse, PollRefusal>> {
  if (pairing.personId === null || !(await repositories.pairings.redeem(pairing.id, pollNow))) return err('invalid_grant')
  const standing = await findStanding(repositories, { personId: pairing.personId, deviceId: pairing.deviceId, epoch: null })
  // Revoked between the answer and this poll.
  if (standing === undefined) return err('invalid_grant')
  const grant: TokenGrant = {
    id: buildBase64url(context.ports.randomBytes(GRANT_ID_BYTES)),
    clientId: pairing.clientId,
    personId: pairing.personId,
    deviceId: pairing.deviceId,
    epoch: standing.device?.epoch ?? null,
    jkt: poll.proof.jkt,
    scope: pairing.scope,
    createdAt: now,
    revokedAt: null,
  }
  await repositories.grants.add(grant)
  return ok(await issueTokens(context, repositories, { grant, ...standing, jwk: poll.proof.jwk, scope: grant.scope, now }))
}
