// RFC 9068 section 4 and RFC 8725: is this text an access token of this issuer, for this audience, alive now? Says nothing about proof or revocation.
import type { KeyObject } from 'node:crypto'
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims, type ClaimsRefusal, parseAccessTokenClaims } from './claims.ts'
import { isSignedBy, type Jws, type JwsRefusal, parseJws } from './jws.ts'
import { err, ok, type Result } from './result.ts'
import type { EpochSeconds } from './time.ts'

/** How far in the future an `iat` or `nbf` may be, in seconds: clocks of two machines differ. `exp` gets no tolerance. */
export const CLOCK_TOLERANCE_SECONDS = 10

export type AccessTokenRefusal =
  | {
      readonly reason:
        | JwsRefusal
        | 'token_type'
        | 'token_key_unknown'
        | 'token_signature'
        | 'token_issuer'
        | 'token_audience'
        | 'token_expired'
        | 'token_from_the_future'
    }
  | ClaimsRefusal

export interface AccessTokenExpectation {
  readonly issuer: string
  readonly audience: string
  /** The issuer's key of that `kid`, or undefined. The pinned list: nothing in the token can add to it. */
  readonly findKey: (kid: string) => KeyObject | undefined
  /** The token must also carry the key that it is bound to, not the thumbprint alone. */
  readonly requiresKey?: boolean
}

export function verifyAccessToken(text: string, expected: AccessTokenExpectation, now: EpochSeconds): Result<AccessTokenClaims, AccessTokenRefusal> {
  const jws = parseJws(text)
  if (!jws.ok) return err({ reason: jws.error })
  const signed = checkSignature(jws.value, expected)
  if (!signed.ok) return signed
  const claims = parseAccessTokenClaims(jws.value.payload)
  if (!claims.ok) return claims
  if (expected.requiresKey === true && claims.value.cnf.jwk === undefined) return err({ reason: 'confirmation_unusable' })
  const { iss, aud, exp, iat, nbf } = claims.value
  if (iss !== expected.issuer) return err({ reason: 'token_issuer' })
  if (!aud.includes(expected.audience)) return err({ reason: 'token_audience' })
  if (exp <= now) return err({ reason: 'token_expired' })
  if (Math.max(iat, nbf ?? 0) > now + CLOCK_TOLERANCE_SECONDS) return err({ reason: 'token_from_the_future' })
  return claims
}

function checkSignature(jws: Jws, expected: AccessTokenExpectation): Result<void, AccessTokenRefusal> {
  if (jws.typ !== ACCESS_TOKEN_TYPE) return err({ reason: 'token_type' })
  const key = jws.kid === undefined ? undefined : expected.findKey(jws.kid)
  if (key === undefined) return err({ reason: 'token_key_unknown' })
  return isSignedBy(jws, key) ? ok() : err({ reason: 'token_signature' })
}
