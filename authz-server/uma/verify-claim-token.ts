// Who the requesting party is: an ID token of this server, for this client, bound to the key of this request's proof (OpenID Connect Core 3.1.3.7, RFC 8725).
import { errors, jwtVerify } from 'jose'
import type { JsonObject } from '../../protocol/encoding.ts'
import { isJsonObject } from '../../protocol/encoding.ts'
import { type Jws, parseJws } from '../../protocol/jws.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { CLOCK_TOLERANCE_SECONDS } from '../../protocol/verify-access-token.ts'
import type { Context } from '../context.ts'
import type { Person } from '../store/people-repository.ts'

/** `typ` of our ID tokens; access tokens have another, so neither passes for the other. */
export const ID_TOKEN_TYPE = 'jwt'

export type ClaimTokenRefusal =
  | 'claim_token_malformed'
  | 'claim_token_type'
  | 'claim_token_signature'
  | 'claim_token_issuer'
  | 'claim_token_audience'
  | 'claim_token_expired'
  | 'claim_token_other_key'
  | 'claim_token_revoked'
  | 'claim_token_person_unknown'

export interface ClaimTokenExpectation {
  readonly clientId: string
  /** Thumbprint of the key that proved this request. */
  readonly jkt: string
}

/** The person as our records know them; the address counts as verified only if the token says the same. */
export async function verifyClaimToken(
  context: Context,
  given: ClaimTokenExpectation & { readonly text: string },
  now: EpochSeconds,
): Promise<Result<Person, ClaimTokenRefusal>> {
  const jws = parseJws(given.text)
  if (!jws.ok) return err('claim_token_malformed')
  if (jws.value.typ !== ID_TOKEN_TYPE) return err('claim_token_type')
  const verified = await verifySignature(context, { jws: jws.value, text: given.text }, now)
  if (!verified.ok) return verified
  const claims = verified.value
  const refusal = checkClaims(claims, { ...given, issuer: context.config.issuer }, now)
  if (refusal !== undefined) return err(refusal)
  if (await isRevoked(context, claims)) return err('claim_token_revoked')
  const { sub } = claims
  const person = typeof sub === 'string' ? await context.store.read.people.find(sub) : undefined
  if (person === undefined) return err('claim_token_person_unknown')
  const emailVerified = person.emailVerified && claims['email_verified'] === true && claims['email'] === person.email
  return ok({ ...person, emailVerified })
}

/** Signature, `iss`, `exp` and `nbf`, by the key that `kid` names among the keys of this server. */
async function verifySignature(
  context: Context,
  { jws, text }: { readonly jws: Jws; readonly text: string },
  now: EpochSeconds,
): Promise<Result<JsonObject, ClaimTokenRefusal>> {
  const key = jws.kid === undefined ? undefined : context.keyring.find(jws.kid)
  if (key === undefined) return err('claim_token_signature')
  const algorithms = key.asymmetricKeyType === 'ec' ? ['ES256'] : ['EdDSA', 'Ed25519']
  const tolerance = { clockTolerance: CLOCK_TOLERANCE_SECONDS, currentDate: new Date(now * 1000) }
  try {
    const { payload } = await jwtVerify(text, key, { algorithms, issuer: context.config.issuer, typ: ID_TOKEN_TYPE, ...tolerance })
    return ok(payload)
  } catch (fault) {
    return err(explainFault(fault))
  }
}

function explainFault(fault: unknown): ClaimTokenRefusal {
  if (fault instanceof errors.JWTExpired) return 'claim_token_expired'
  if (fault instanceof errors.JWTClaimValidationFailed) return fault.claim === 'iss' ? 'claim_token_issuer' : 'claim_token_malformed'
  if (fault instanceof errors.JOSEError) return 'claim_token_signature'
  throw fault
}

function checkClaims(claims: JsonObject, expected: ClaimTokenExpectation & { readonly issuer: string }, now: EpochSeconds): ClaimTokenRefusal | undefined {
  const { iss, aud, azp, exp, iat, cnf } = claims
  if (iss !== expected.issuer) return 'claim_token_issuer'
  // One audience alone: a token made for several clients could be pushed by any of them.
  const audience = Array.isArray(aud) && aud.length === 1 ? (aud[0] as unknown) : aud
  if (audience !== expected.clientId || (azp !== undefined && azp !== expected.clientId)) return 'claim_token_audience'
  if (typeof exp !== 'number' || exp <= now) return 'claim_token_expired'
  if (typeof iat !== 'number' || iat > now + CLOCK_TOLERANCE_SECONDS) return 'claim_token_malformed'
  if (!isJsonObject(cnf) || cnf['jkt'] !== expected.jkt) return 'claim_token_other_key'
  return undefined
}

/** An app that was unpaired speaks for nobody, even while its last ID token lives. */
async function isRevoked(context: Context, claims: JsonObject): Promise<boolean> {
  const { jti, grant_id: grantId } = claims
  if (typeof jti !== 'string' && typeof grantId !== 'string') return false
  return context.store.read.revocations.isRevoked({ jti: typeof jti === 'string' ? jti : '', grant_id: typeof grantId === 'string' ? grantId : '' })
}
