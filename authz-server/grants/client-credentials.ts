// grant_type client_credentials (RFC 6749 section 4.4): a service acts for itself, with scopes that it is registered for. No refresh token.
import { buildBase64url } from '../../protocol/encoding.ts'
import { GRANT_TYPES } from '../../protocol/oauth/messages.ts'
import { SERVICE_SCOPES } from '../config/config.ts'
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { readScope } from '../http/read-scope.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { ACCESS_TOKEN_LIFETIME_SECONDS, buildAccessToken } from '../tokens/build-access-token.ts'
import { answerTokens } from './answer-tokens.ts'
import type { Grant } from './grant.ts'

const GRANT_ID_BYTES = 16

export const clientCredentials: Grant = { grantType: GRANT_TYPES.clientCredentials, handle }

async function handle(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const proof = requireFact(exchange.proof, 'requireProof')
  // RFC 6749 section 4.4: confidential clients alone; a key of a proof says only that it is the same caller as before.
  if (client.authentication !== 'private_key_jwt')
    return refuseOAuth('unauthorized_client', 'client_credentials is for clients that authenticate with private_key_jwt')
  const registered = SERVICE_SCOPES.filter((scope) => client.scopes.includes(scope))
  const asked = readScope(form)
  if (asked === undefined || !asked.every((scope) => registered.includes(scope)))
    return refuseOAuth('invalid_scope', 'the scope is malformed, or the client is not registered for it')
  const scope = asked.length === 0 ? registered : asked
  if (scope.length === 0) return refuseOAuth('unauthorized_client', 'the client is not registered for any scope of a service')
  const request = {
    sub: client.client_id,
    aud: [context.config.issuer],
    client_id: client.client_id,
    grant_id: buildBase64url(context.ports.randomBytes(GRANT_ID_BYTES)),
    scope,
    cnf: { jkt: proof.jkt, jwk: proof.jwk },
    lifetimeSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
  }
  const token = buildAccessToken(request, context, exchange.now)
  return answerTokens({ access_token: token.text, token_type: 'DPoP', expires_in: ACCESS_TOKEN_LIFETIME_SECONDS, scope: scope.join(' ') })
}
