// POST /device_authorization (RFC 8628 section 3.1): a client that has proven its key gets a code for its person. Decides nothing about the person.
import { isScopeName, parseScope } from '../../protocol/claims.ts'
import type { DeviceAuthorizationResponse } from '../../protocol/oauth/messages.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { PAIRING_LIFETIME_SECONDS, POLL_INTERVAL_SECONDS } from '../pairing/pairing.ts'
import { startPairing } from '../pairing/start-pairing.ts'
import { formatUserCode } from '../pairing/user-code.ts'
import { buildAddressKey } from '../people/address-key.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { OPENID_SCOPE } from '../tokens/issue-tokens.ts'

/** Longer than any list of abilities. */
const SCOPE_MAX_CHARACTERS = 2000

export async function deviceAuthorization(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const proof = requireFact(exchange.proof, 'requireProof')
  const text = form.get('scope')
  if (text !== undefined && text.length > SCOPE_MAX_CHARACTERS) return refuseOAuth('invalid_scope', 'the scope is too long')
  const asked = parseScope(text)
  const available = listScopes(exchange, context)
  if (asked === undefined || asked.some((scope) => !available.includes(scope)))
    return refuseOAuth('invalid_scope', `available: ${available.filter(isScopeName).join(' ')}`)
  if (available.length === 0) return refuseOAuth('unauthorized_client', 'this client cannot act for a person')
  const { startsByAddress } = context.pairingLimits
  const addressKey = buildAddressKey(exchange.address)
  if (exchange.device === undefined && !startsByAddress.take(addressKey, exchange.now))
    return refuseOAuth('slow_down', 'too many codes were asked for from here; try again later')
  const start = {
    clientId: client.client_id,
    deviceId: exchange.device?.id ?? null,
    proof,
    scope: asked.length === 0 ? available : asked,
    address: exchange.address,
  }
  const { deviceCode, userCode } = await startPairing(context, start, exchange.now)
  return answerJson(200, buildResponse(context.config.issuer, deviceCode, formatUserCode(userCode)))
}

/** A device: the abilities that its kind brings. An app: only to say for whom it acts. */
function listScopes(exchange: Exchange, context: Context): readonly string[] {
  const { device, client } = exchange
  if (device === undefined) return client?.scopes.filter((scope) => scope === OPENID_SCOPE) ?? []
  const types = context.config.device_types.filter(({ kind }) => kind === device.kind)
  return [...new Set(types.flatMap(({ resources }) => resources.flatMap(({ scopes }) => scopes)))]
}

function buildResponse(issuer: string, deviceCode: string, userCode: string): DeviceAuthorizationResponse {
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: `${issuer}/device`,
    verification_uri_complete: `${issuer}/device?user_code=${userCode}`,
    expires_in: PAIRING_LIFETIME_SECONDS,
    interval: POLL_INTERVAL_SECONDS,
  }
}
