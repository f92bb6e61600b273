// grant_type refresh_token (RFC 6749 section 6, RFC 9700 section 4.14): bound to the key, rotated, and a second use ends the whole grant.
import { parseScope } from '../../protocol/claims.ts'
import { GRANT_TYPES } from '../../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import type { StoredGrant } from '../store/grants-repository.ts'
import type { Person } from '../store/people-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { buildTokenResponse, generateRefreshToken, hashRefreshToken } from '../tokens/issue-tokens.ts'
import { revokeGrant } from '../tokens/revoke-grant.ts'
import { findAudience } from '../tokens/token-audience.ts'
import type { Grant } from './grant.ts'

export const refreshToken: Grant = { grantType: GRANT_TYPES.refreshToken, handle }

interface Presented {
  readonly tokenHash: string
  readonly clientId: string
  readonly jkt: string
  readonly scope: readonly string[]
}

interface Refreshed {
  readonly grant: StoredGrant
  readonly person: Person
  readonly deviceKind: string | undefined
  readonly refreshToken: string
}

type RefreshRefusal =
  | 'refresh_token_unknown'
  | 'refresh_token_of_another'
  | 'refresh_token_over'
  | 'refresh_token_reused'
  | 'device_unavailable'
  | 'scope_wider'

async function handle(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const proof = requireFact(exchange.proof, 'requireProof')
  const text = form.get('refresh_token')
  if (text === undefined) return refuseOAuth('invalid_request', 'refresh_token is missing')
  const scope = parseScope(form.get('scope'))
  if (scope === undefined) return refuseOAuth('invalid_scope')
  const presented = { tokenHash: hashRefreshToken(text), clientId: client.client_id, jkt: proof.jkt, scope }
  const refreshed = await context.store.transaction((repositories) => refresh(context, repositories, { presented, now: exchange.now }))
  if (!refreshed.ok) return refuse(refreshed.error, context)
  const { grant, person, deviceKind } = refreshed.value
  const issue = {
    grant,
    person,
    audience: findAudience(context, deviceKind),
    scope: scope.length === 0 ? grant.scope : scope,
    jwk: proof.jwk,
    refreshToken: refreshed.value.refreshToken,
  }
  return answerJson(200, buildTokenResponse(context, issue, exchange.now))
}

async function refresh(
  context: Context,
  repositories: Repositories,
  { presented, now }: { readonly presented: Presented; readonly now: EpochSeconds },
): Promise<Result<Refreshed, RefreshRefusal>> {
  const token = await repositories.grants.findRefreshToken(presented.tokenHash)
  const grant = token && (await repositories.grants.find(token.grantId))
  if (token === undefined || grant === undefined) return err('refresh_token_unknown')
  // Somebody else's attempt must not end the owner's tokens.
  if (grant.clientId !== presented.clientId || grant.jkt !== presented.jkt) return err('refresh_token_of_another')
  if (token.usedAt !== null) {
    await revokeGrant(repositories, grant.id, now)
    return err('refresh_token_reused')
  }
  if (grant.revokedAt !== null) return err('refresh_token_over')
  if (presented.scope.some((scope) => !grant.scope.includes(scope))) return err('scope_wider')
  const holder = await findHolder(repositories, grant)
  if (holder === undefined) return err('device_unavailable')
  if (!(await repositories.grants.useRefreshToken(presented.tokenHash, now))) return err('refresh_token_over')
  const next = generateRefreshToken(context, grant.id, now)
  await repositories.grants.addRefreshToken(next.stored)
  return ok({ grant, ...holder, refreshToken: next.text })
}

async function findHolder(repositories: Repositories, grant: StoredGrant): Promise<Pick<Refreshed, 'person' | 'deviceKind'> | undefined> {
  const person = await repositories.people.find(grant.personId)
  if (person === undefined) return undefined
  if (grant.deviceId === null) return { person, deviceKind: undefined }
  const device = await repositories.devices.find(grant.deviceId)
  const isTheirs = device?.status === 'active' && device.owner === person.id && device.epoch === grant.epoch
  return isTheirs ? { person, deviceKind: device.kind } : undefined
}

/** All but a wider scope look the same to the caller. */
function refuse(reason: RefreshRefusal, context: Context): Answer {
  context.ports.log.info('refresh_refused', { reason })
  return reason === 'scope_wider' ? refuseOAuth('invalid_scope', 'wider than what was granted') : refuseOAuth('invalid_grant')
}
