// POST /revoke (RFC 7009). Always 200: unknown tokens and other clients' look the same. Holding the token is enough to end it; no proof is asked for.
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { revokeToken } from '../tokens/revoke-token.ts'

export async function revoke(exchange: Exchange, context: Context): Promise<Answer> {
  const client = requireFact(exchange.client, 'authenticateClient')
  const text = requireFact(exchange.form, 'parseForm').get('token')
  if (text === undefined) return refuseOAuth('invalid_request', 'token is missing')
  await revokeToken(context, { text, clientId: client.client_id }, exchange.now)
  return { status: 200, body: { kind: 'none' } }
}
