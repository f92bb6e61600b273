// Who asks for a revocation (RFC 7009 section 2.1): a client that signs for itself, or whatever name a public client or a device gives.
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'
import { authenticateClient } from './authenticate-client.ts'
import { readPresentedClient } from './read-presented-client.ts'

/**
 * A name is not looked up: holding the token is the proof, and the token itself says which client it belongs to. So an unknown client,
 * a known one and a device of the registry get the same answer, and nobody can find out which devices exist.
 */
export async function nameRevokingClient(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  const presented = readPresentedClient(exchange)
  if (!presented.ok) return presented.error
  if (presented.value.kind === 'assertion') return authenticateClient(exchange, context)
  exchange.namedClient = { clientId: presented.value.clientId }
  return undefined
}
