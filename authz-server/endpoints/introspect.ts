// POST /introspect (RFC 7662, UMA 2.0 Federated Authorization section 5): is this token alive, for the resource server that asks? Everything else is just inactive.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { findLiveToken } from '../tokens/find-live-token.ts'
import { listStandingPermissions } from '../uma/list-standing-permissions.ts'
import { listResourceServers } from '../uma/resource-servers.ts'

const OTHER_CREDENTIALS = ['client_secret', 'client_assertion', 'client_assertion_type', 'access_token']

export async function introspect(exchange: Exchange, context: Context): Promise<Answer> {
  const caller = requireFact(exchange.token, 'requireToken')
  const form = requireFact(exchange.form, 'parseForm')
  const text = form.get('token')
  if (text === undefined) return refuseOAuth('invalid_request', 'token is missing')
  if (OTHER_CREDENTIALS.some((name) => form.has(name)) || (form.get('client_id') ?? caller.client_id) !== caller.client_id)
    return refuseOAuth('invalid_request', 'the access token identifies the client: do not send another client or other credentials')
  const claims = await findForCaller(context, { text, clientId: caller.client_id }, exchange.now)
  return answerJson(200, claims === undefined ? { active: false } : describe(claims))
}

async function findForCaller(
  context: Context,
  { text, clientId }: { readonly text: string; readonly clientId: string },
  now: EpochSeconds,
): Promise<AccessTokenClaims | undefined> {
  for (const audience of listResourceServers(context, clientId)) {
    const claims = await findLiveToken(context, { text, audience }, now)
    if (claims !== undefined) return keepStanding(context, claims, now)
  }
  return undefined
}

/** A token that permits nothing any more is as good as ended. */
async function keepStanding(context: Context, claims: AccessTokenClaims, now: EpochSeconds): Promise<AccessTokenClaims | undefined> {
  if (claims.permissions === undefined) return claims
  const permissions = await listStandingPermissions(context, claims, now)
  return permissions.length === 0 ? undefined : { ...claims, permissions }
}

/** `scope` is left out where there are permissions (Federated Authorization section 5.1.1). */
function describe({ scope, permissions, ...claims }: AccessTokenClaims): object {
  const power = permissions === undefined ? { scope: scope.join(' ') } : { permissions }
  return { active: true, ...claims, ...power, token_type: 'DPoP' }
}
