// A client signs for itself (RFC 7523 sections 2.2 and 3). Each assertion is accepted once, also across restarts.
import { errors, jwtVerify } from 'jose'
import { sha256Base64url } from '../../protocol/encoding.ts'
import { algorithmsOf, buildKeyObject, type PublicJwk, type SignatureAlgorithm } from '../../protocol/jwk.ts'
import { parseJws } from '../../protocol/jws.ts'
import { CLIENT_ASSERTION_JWT_TYPE, CLIENT_ASSERTION_TYPE } from '../../protocol/oauth/messages.ts'
import { REPLAY_MAX_ID_CHARACTERS } from '../../protocol/replay.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { CLOCK_TOLERANCE_SECONDS } from '../../protocol/verify-access-token.ts'
import type { Client } from '../config/config.ts'
import type { Context } from '../context.ts'
import type { PresentedClient } from './read-presented-client.ts'

/** How long an assertion may live. One that lives longer would have to be remembered longer. */
export const ASSERTION_LIFETIME_MAX_SECONDS = 300
/** An assertion that was made earlier is refused, however long it claims to live. */
const ASSERTION_AGE_MAX_SECONDS = ASSERTION_LIFETIME_MAX_SECONDS

export type AssertionRefusal =
  | 'assertion_unusable'
  | 'assertion_other_client'
  | 'assertion_client_unknown'
  | 'assertion_client_method'
  | 'assertion_signature'
  | 'assertion_claims'
  | 'assertion_replayed'

/** Points that nobody holds the private key of: an unknown client costs the same verification as a known one. */
const DECOY_KEYS: { readonly [alg in SignatureAlgorithm]: PublicJwk } = {
  ES256: { kty: 'EC', crv: 'P-256', x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY', y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
}

export async function verifyClientAssertion(
  context: Context,
  presented: Extract<PresentedClient, { kind: 'assertion' }>,
  now: EpochSeconds,
): Promise<Result<Client, AssertionRefusal>> {
  const jws = parseJws(presented.assertion)
  if (presented.type !== CLIENT_ASSERTION_TYPE || !jws.ok) return err('assertion_unusable')
  // An explicit type keeps every other kind of JWT out (RFC 8725 section 3.11); older clients send `JWT` or none.
  if (![CLIENT_ASSERTION_JWT_TYPE, 'jwt', undefined].includes(jws.value.typ)) return err('assertion_unusable')
  const { sub } = jws.value.payload
  if (presented.clientId !== undefined && presented.clientId !== sub) return err('assertion_other_client')
  const client = context.config.clients.find(({ client_id }) => client_id === sub)
  const mayAssert = client?.authentication === 'private_key_jwt' && client.jwk !== undefined
  const jwk = client?.jwk !== undefined && algorithmsOf(client.jwk).includes(jws.value.alg) ? client.jwk : DECOY_KEYS[jws.value.alg]
  const verified = await verify(presented.assertion, { jwk, clientId: client?.client_id ?? '', issuer: context.config.issuer }, now)
  if (client === undefined) return err('assertion_client_unknown')
  if (!mayAssert) return err('assertion_client_method')
  if (!verified.ok) return verified
  const use = { idHash: sha256Base64url(`${client.client_id} ${verified.value.jti}`), expiresAt: Math.ceil(verified.value.exp) }
  const isFirst = await context.store.transaction(({ usedAssertions }) => usedAssertions.useOnce(use, now))
  return isFirst ? ok(client) : err('assertion_replayed')
}

interface Expectation {
  readonly jwk: PublicJwk
  readonly clientId: string
  readonly issuer: string
}

async function verify(
  text: string,
  { jwk, clientId, issuer }: Expectation,
  now: EpochSeconds,
): Promise<Result<{ readonly jti: string; readonly exp: number }, AssertionRefusal>> {
  const audiences = [issuer, `${issuer}/token`]
  try {
    const { payload } = await jwtVerify(text, buildKeyObject(jwk), {
      algorithms: [...algorithmsOf(jwk)],
      issuer: clientId,
      subject: clientId,
      audience: audiences,
      requiredClaims: ['exp', 'iat', 'jti'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now * 1000),
    })
    return checkClaims(payload, now)
  } catch (fault) {
    if (fault instanceof errors.JWSSignatureVerificationFailed) return err('assertion_signature')
    if (fault instanceof errors.JOSEError) return err('assertion_claims')
    throw fault
  }
}

/** RFC 7523 section 3, where it asks for more than a JWT library checks. */
function checkClaims(
  { aud, exp, iat, jti }: { readonly [claim: string]: unknown },
  now: EpochSeconds,
): Result<{ readonly jti: string; readonly exp: number }, AssertionRefusal> {
  // One audience alone: an assertion that is also meant for another server could be used there by us, and here by them.
  if (Array.isArray(aud) && aud.length !== 1) return err('assertion_claims')
  if (typeof iat !== 'number' || iat > now + CLOCK_TOLERANCE_SECONDS || iat < now - ASSERTION_AGE_MAX_SECONDS) return err('assertion_claims')
  if (typeof exp !== 'number' || exp <= now || exp > Math.max(now, iat) + ASSERTION_LIFETIME_MAX_SECONDS) return err('assertion_claims')
  if (typeof jti !== 'string' || jti === '' || jti.length > REPLAY_MAX_ID_CHARACTERS) return err('assertion_claims')
  return ok({ jti, exp })
}
