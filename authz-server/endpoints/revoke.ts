// POST /revoke (RFC 7009). Always 200: unknown tokens and those of other clients look the same. The holder of a token may revoke it without a proof.
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { revokeToken } from '../tokens/revoke-token.ts'

export async function revoke(exchange: Exchange, context: Context): Promise<Answer> {
  const text = requireFact(exchange.form, 'parseForm').get('token')
  if (text === undefined) return refuseOAuth('invalid_request', 'token is missing')
  await revokeToken(context, { text, clientId: findRevoker(exchange, context) }, exchange.now)
  return { status: 200, body: { kind: 'none' } }
}

/** A client that must sign for itself revokes nothing by its name alone: it is then treated like an unknown one. */
function findRevoker(exchange: Exchange, context: Context): string | undefined {
  if (exchange.client !== undefined) return exchange.client.client_id
  const { clientId } = requireFact(exchange.namedClient, 'nameRevokingClient')
  const mustSign = context.config.clients.some((client) => client.client_id === clientId && client.authentication !== 'none')
  return mustSign ? undefined : clientId
}
