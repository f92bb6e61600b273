// Which client calls (RFC 6749 section 2.3): a registered one or a device, by the key of its proof or by a signed assertion (RFC 7523 section 2.2).
import type { JsonObject } from '../../protocol/encoding.ts'
import { buildKeyObject } from '../../protocol/jwk.ts'
import { isSignedBy, parseJws } from '../../protocol/jws.ts'
import { CLIENT_ASSERTION_JWT_TYPE, CLIENT_ASSERTION_TYPE } from '../../protocol/oauth/messages.ts'
import { REPLAY_MAX_ID_CHARACTERS } from '../../protocol/replay.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { CLOCK_TOLERANCE_SECONDS } from '../../protocol/verify-access-token.ts'
import type { Client } from '../config/config.ts'
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { DEVICE_CLIENT_PREFIX } from '../registry/device-type.ts'
import type { AuthenticatedClient } from './authenticated-client.ts'
import { refuseOAuth } from './refuse-oauth.ts'

/** An assertion that lives longer would have to be remembered longer. */
export const ASSERTION_LIFETIME_MAX_SECONDS = 300

type ClientRefusal =
  | 'client_id_missing'
  | 'client_unknown'
  | 'client_method'
  | 'device_unknown'
  | 'device_inactive'
  | 'device_key_mismatch'
  | 'assertion_unusable'
  | 'assertion_signature'
  | 'assertion_claims'
  | 'assertion_replayed'
  | 'replay_store_full'

/** One answer for every refusal: a caller does not learn which client or device exists. The reason is in the log. */
export async function authenticateClient(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  const client = await identify(exchange, context)
  if (client.ok) {
    exchange.client = client.value
    return undefined
  }
  context.ports.log.info('client_refused', { reason: client.error })
  return client.error === 'replay_store_full' ? refuseOAuth('temporarily_unavailable') : refuseOAuth('invalid_client')
}

async function identify(exchange: Exchange, context: Context): Promise<Result<AuthenticatedClient, ClientRefusal>> {
  const form = requireFact(exchange.form, 'parseForm')
  const assertion = form.get('client_assertion')
  if (assertion !== undefined || form.has('client_assertion_type')) return checkAssertion(assertion ?? '', exchange, context)
  const clientId = form.get('client_id')
  if (clientId === undefined) return err('client_id_missing')
  if (clientId.startsWith(DEVICE_CLIENT_PREFIX)) return identifyDevice(clientId, exchange, context)
  const client = findClient(context, clientId)
  if (client === undefined) return err('client_unknown')
  return client.authentication === 'none' ? ok(client) : err('client_method')
}

function findClient(context: Context, clientId: string): Client | undefined {
  return context.config.clients.find((client) => client.client_id === clientId)
}

/** A device is who holds its key: the one whose thumbprint the registry was given. Where no proof is asked for, its name alone is known. */
async function identifyDevice(clientId: string, exchange: Exchange, context: Context): Promise<Result<AuthenticatedClient, ClientRefusal>> {
  const device = await context.store.read.devices.find(clientId.slice(DEVICE_CLIENT_PREFIX.length))
  if (device === undefined) return err('device_unknown')
  if (exchange.proof !== undefined && exchange.proof.jkt !== device.jkt) return err('device_key_mismatch')
  if (device.status !== 'active') return err('device_inactive')
  // In the registry's spelling: a MAC address may be written in several ways, and the client is the same.
  return ok({ client_id: DEVICE_CLIENT_PREFIX + device.id, name: device.model, authentication: 'none', scopes: [], device })
}

function checkAssertion(text: string, exchange: Exchange, context: Context): Result<AuthenticatedClient, ClientRefusal> {
  const form = requireFact(exchange.form, 'parseForm')
  const jws = parseJws(text)
  if (form.get('client_assertion_type') !== CLIENT_ASSERTION_TYPE || !jws.ok) return err('assertion_unusable')
  // An explicit type keeps every other kind of JWT out (RFC 8725 section 3.11); older clients send `JWT` or none.
  if (![CLIENT_ASSERTION_JWT_TYPE, 'jwt', undefined].includes(jws.value.typ)) return err('assertion_unusable')
  const { sub } = jws.value.payload
  const client = typeof sub === 'string' ? findClient(context, sub) : undefined
  if (client === undefined || (form.has('client_id') && form.get('client_id') !== client.client_id)) return err('client_unknown')
  if (client.authentication !== 'private_key_jwt' || client.jwk === undefined) return err('client_method')
  if (!isSignedBy(jws.value, buildKeyObject(client.jwk))) return err('assertion_signature')
  const claims = jws.value.payload
  if (!hasAssertionClaims(claims, { clientId: client.client_id, context, now: exchange.now })) return err('assertion_claims')
  const use = context.replay.remember(`assertion:${client.client_id}`, claims['jti'] as string, claims['exp'] as number, exchange.now)
  if (use === 'full') return err('replay_store_full')
  return use === 'replayed' ? err('assertion_replayed') : ok(client)
}

/** RFC 7523 section 3. `iat` is required: what was made before this process started may have been used before it started. */
function hasAssertionClaims(
  claims: JsonObject,
  { clientId, context, now }: { readonly clientId: string; readonly context: Context; readonly now: number },
): boolean {
  const { issuer } = context.config
  const { iss, sub, aud, exp, iat, jti } = claims
  const audience = Array.isArray(aud) && aud.length === 1 ? (aud[0] as unknown) : aud
  if (iss !== clientId || sub !== clientId) return false
  if (audience !== issuer && audience !== `${issuer}/token`) return false
  if (typeof exp !== 'number' || exp <= now || exp > now + ASSERTION_LIFETIME_MAX_SECONDS) return false
  if (typeof iat !== 'number' || iat > now + CLOCK_TOLERANCE_SECONDS || iat < context.startedAt - CLOCK_TOLERANCE_SECONDS) return false
  return typeof jti === 'string' && jti !== '' && jti.length <= REPLAY_MAX_ID_CHARACTERS
}
