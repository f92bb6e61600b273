// grant_type device_code (RFC 8628 sections 3.4 and 3.5), with proof of the pairing's key at every poll. Redeemed by one conditional UPDATE.
import { randomUUID } from 'node:crypto'
import { sha256Base64url } from '../../protocol/encoding.ts'
import { GRANT_TYPES } from '../../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { judgePoll, type Pairing, type PollRefusal } from '../pairing/pairing.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import type { StoredGrant } from '../store/grants-repository.ts'
import type { Person } from '../store/people-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { buildTokenResponse, generateRefreshToken, type IssuedRefreshToken } from '../tokens/issue-tokens.ts'
import { findAudience } from '../tokens/token-audience.ts'
import type { Grant } from './grant.ts'

export const deviceCode: Grant = { grantType: GRANT_TYPES.deviceCode, handle }

interface Redeemed {
  readonly grant: StoredGrant
  readonly person: Person
  readonly deviceKind: string | undefined
  readonly refreshToken: IssuedRefreshToken
}

async function handle(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const proof = requireFact(exchange.proof, 'requireProof')
  const code = form.get('device_code')
  if (code === undefined) return refuseOAuth('invalid_request', 'device_code is missing')
  const pairing = await context.store.read.pairings.findByDeviceCode(sha256Base64url(code))
  if (pairing === undefined) return refusePoll('invalid_grant')
  const poll = judgePoll(pairing, { clientId: client.client_id, jkt: proof.jkt }, exchange.now)
  if (!poll.ok) {
    await notePoll(context, pairing, { refusal: poll.error, now: exchange.now })
    return refusePoll(poll.error)
  }
  const redeemed = await redeem(context, pairing, exchange.now)
  if (!redeemed.ok) return refusePoll(redeemed.error)
  const { grant, person, deviceKind, refreshToken } = redeemed.value
  const audience = findAudience(context, deviceKind)
  const issue = { grant, person, audience, scope: grant.scope, jwk: proof.jwk, refreshToken: refreshToken.text }
  return answerJson(200, buildTokenResponse(context, issue, exchange.now))
}

async function notePoll(context: Context, pairing: Pairing, { refusal, now }: { readonly refusal: PollRefusal; readonly now: EpochSeconds }): Promise<void> {
  if (refusal === 'authorization_pending') await context.store.transaction(({ pairings }) => pairings.notePoll(pairing.id, now))
  if (refusal === 'slow_down') await context.store.transaction(({ pairings }) => pairings.slowDown(pairing.id))
}

async function redeem(context: Context, pairing: Pairing, now: EpochSeconds): Promise<Result<Redeemed, PollRefusal>> {
  return context.store.transaction(async (repositories) => {
    if (!(await repositories.pairings.redeem(pairing.id, now))) return err('invalid_grant')
    const person = pairing.personId === null ? undefined : await repositories.people.find(pairing.personId)
    const device = await findOwnDevice(repositories, pairing)
    // Between the owner's yes and this poll the device may have been revoked.
    if (person === undefined || device === undefined) return err('access_denied')
    const grant: StoredGrant = {
      id: randomUUID(),
      clientId: pairing.clientId,
      personId: person.id,
      deviceId: pairing.deviceId,
      epoch: device?.epoch ?? null,
      jkt: pairing.jkt,
      scope: pairing.scope,
      createdAt: now,
      revokedAt: null,
    }
    await repositories.grants.add(grant)
    const refreshToken = generateRefreshToken(context, grant.id, now)
    await repositories.grants.addRefreshToken(refreshToken.stored)
    return ok({ grant, person, deviceKind: device?.kind, refreshToken })
  })
}

/** Null for an app; undefined for a device that the person does not own (any more). */
async function findOwnDevice(repositories: Repositories, pairing: Pairing): Promise<{ readonly kind: string; readonly epoch: number } | null | undefined> {
  if (pairing.deviceId === null) return null
  const device = await repositories.devices.find(pairing.deviceId)
  return device?.status === 'active' && device.owner === pairing.personId ? device : undefined
}

function refusePoll(refusal: PollRefusal): Answer {
  return refuseOAuth(refusal, DESCRIPTIONS[refusal])
}

const DESCRIPTIONS: { readonly [refusal in PollRefusal]: string } = {
  invalid_grant: 'this device code is unknown, used, or not of this client and key',
  expired_token: 'the code is over; start again',
  access_denied: 'the person said no',
  authorization_pending: 'the person has not answered yet',
  slow_down: 'wait 5 seconds longer between polls from now on',
}
