// POST /introspect (RFC 7662, UMA 2.0 Federated Authorization section 5): is this token alive for the resource server that asks? Anything else is just not active.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { verifyAccessToken } from '../../protocol/verify-access-token.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'

export async function introspect(exchange: Exchange, context: Context): Promise<Answer> {
  const caller = requireFact(exchange.token, 'requireToken')
  const text = requireFact(exchange.form, 'parseForm').get('token')
  if (text === undefined) return refuseOAuth('invalid_request', 'token is missing')
  for (const server of context.config.resource_servers.filter(({ client_id }) => client_id === caller.client_id)) {
    const claims = await findActive(context, { text, audience: server.id }, exchange.now)
    if (claims !== undefined) return answerJson(200, describe(claims))
  }
  return answerJson(200, { active: false })
}

async function findActive(
  context: Context,
  token: { readonly text: string; readonly audience: string },
  now: EpochSeconds,
): Promise<AccessTokenClaims | undefined> {
  const expected = { issuer: context.config.issuer, audience: token.audience, findKey: context.keyring.find }
  const claims = verifyAccessToken(token.text, expected, now)
  if (!claims.ok || (await context.store.read.revocations.isRevoked(claims.value))) return undefined
  const { device_id: deviceId, epoch } = claims.value
  if (deviceId === undefined) return claims.value
  const device = await context.store.read.devices.find(deviceId)
  return device?.status === 'active' && device.owner === claims.value.sub && device.epoch === epoch ? claims.value : undefined
}

/** With permissions there is no `scope` (Federated Authorization 5.1.1). */
function describe(claims: AccessTokenClaims): object {
  const { permissions, scope, cnf, email: _email, email_verified: _verified, ...rest } = claims
  return {
    active: true,
    token_type: 'DPoP',
    ...rest,
    cnf: { jkt: cnf.jkt },
    ...(permissions === undefined ? { scope: scope.join(' ') } : { permissions }),
  }
}
