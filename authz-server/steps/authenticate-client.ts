// Which client calls (RFC 6749 section 2.3): a registered one or a device, by the key of its proof or by a signed assertion.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'
import { DEVICE_CLIENT_PREFIX } from '../registry/device-type.ts'
import type { AuthenticatedClient } from './authenticated-client.ts'
import { readPresentedClient, withChallenge } from './read-presented-client.ts'
import { refuseOAuth } from './refuse-oauth.ts'
import { type AssertionRefusal, verifyClientAssertion } from './verify-client-assertion.ts'

type ClientRefusal = AssertionRefusal | 'client_unknown' | 'client_method' | 'device_unknown' | 'device_inactive' | 'device_key_mismatch'

/** One description for every refusal, so that a caller does not learn which client or device exists. The reason is in the log. */
const DESCRIPTION = 'the client is unknown, is not active, or did not prove its identity'

export async function authenticateClient(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  const presented = readPresentedClient(exchange)
  if (!presented.ok) return presented.error
  const client =
    presented.value.kind === 'assertion'
      ? await verifyClientAssertion(context, presented.value, exchange.now)
      : await identify(presented.value.clientId, exchange, context)
  if (client.ok) {
    exchange.client = client.value
    return undefined
  }
  context.ports.log.info('client_refused', { reason: client.error })
  if (client.error === 'assertion_other_client') return refuseOAuth('invalid_request', 'client_id and the client assertion name different clients')
  return withChallenge(exchange, refuseOAuth('invalid_client', DESCRIPTION))
}

async function identify(clientId: string, exchange: Exchange, context: Context): Promise<Result<AuthenticatedClient, ClientRefusal>> {
  if (clientId.startsWith(DEVICE_CLIENT_PREFIX)) return identifyDevice(clientId, exchange, context)
  const client = context.config.clients.find((known) => known.client_id === clientId)
  if (client === undefined) return err('client_unknown')
  return client.authentication === 'none' ? ok(client) : err('client_method')
}

/** A device is the holder of the key whose thumbprint is in the registry. Without a proof, its name alone is known. */
async function identifyDevice(clientId: string, exchange: Exchange, context: Context): Promise<Result<AuthenticatedClient, ClientRefusal>> {
  const device = await context.store.read.devices.find(clientId.slice(DEVICE_CLIENT_PREFIX.length))
  if (device === undefined) return err('device_unknown')
  if (exchange.proof !== undefined && exchange.proof.jkt !== device.jkt) return err('device_key_mismatch')
  if (device.status !== 'active') return err('device_inactive')
  // In the registry's spelling: a MAC address may be written in several ways, and the client is the same.
  return ok({ client_id: DEVICE_CLIENT_PREFIX + device.id, name: device.model, authentication: 'none', scopes: [], device })
}
