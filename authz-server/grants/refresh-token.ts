// grant_type refresh_token (RFC 6749 section 6): a refresh token in, new tokens out, fewer abilities if asked for.
import { GRANT_TYPES } from '../../protocol/oauth/messages.ts'
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { readScope } from '../http/read-scope.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { type RefreshRefusal, refreshGrant } from '../tokens/refresh-grant.ts'
import { answerTokens } from './answer-tokens.ts'
import type { Grant } from './grant.ts'

export const refreshToken: Grant = { grantType: GRANT_TYPES.refreshToken, handle }

async function handle(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const proof = requireFact(exchange.proof, 'requireProof')
  const token = form.get('refresh_token')
  if (token === undefined) return refuseOAuth('invalid_request', 'refresh_token is missing')
  const scope = readScope(form)
  if (scope === undefined) return refuseOAuth('invalid_scope', DESCRIPTIONS.invalid_scope)
  const refreshed = await refreshGrant(context, { refreshToken: token, clientId: client.client_id, proof, scope }, exchange.now)
  return refreshed.ok ? answerTokens(refreshed.value) : refuseOAuth(refreshed.error, DESCRIPTIONS[refreshed.error])
}

const DESCRIPTIONS: { readonly [refusal in RefreshRefusal]: string } = {
  invalid_grant: 'the refresh token is unknown, used, expired, revoked, or bound to another client or key',
  invalid_scope: 'the scope is malformed, or wider than the one that was granted',
}
