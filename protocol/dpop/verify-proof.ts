// RFC 9449 section 4.3: the twelve checks of a proof, in the order of the section. Pure: the caller commits the replay set afterwards.
import type { KeyObject } from 'node:crypto'
import { isEqualConstantTime, type JsonObject, sha256Base64url } from '../encoding.ts'
import { algorithmsOf, buildKeyObject, buildThumbprint, type PublicJwk, parsePublicJwk } from '../jwk.ts'
import { isSignedBy, type Jws, parseJws } from '../jws.ts'
import type { NonceSource } from '../nonce.ts'
import { REPLAY_MAX_ID_CHARACTERS } from '../replay.ts'
import { err, ok, type Result } from '../result.ts'
import type { MonotonicSeconds } from '../time.ts'
import { PROOF_TYPE } from './proof.ts'
import { isSameUri } from './same-uri.ts'

/** A proof is about 600 bytes; this leaves room for extra claims. */
export const PROOF_MAX_BYTES = 4096

export type ProofRefusalReason =
  | 'proof_missing'
  | 'proof_repeated'
  | 'proof_malformed'
  | 'proof_type'
  | 'proof_key_unusable'
  | 'proof_signature'
  | 'proof_method_mismatch'
  | 'proof_uri_mismatch'
  | 'proof_nonce_missing'
  | 'proof_nonce_stale'
  | 'proof_nonce_unknown'
  | 'proof_token_mismatch'
  | 'proof_key_mismatch'

export interface ProofRefusal {
  readonly reason: ProofRefusalReason
}

export interface ProofExpectation {
  readonly method: string
  /** Absolute URI of this request without query, built from configuration and never from the Host header. */
  readonly uri: string
  readonly nonces: NonceSource
  /** The token that came with the request, if one did: then `ath` is required, and the key must be the token's. */
  readonly accessToken?: { readonly text: string; readonly jkt: string } | undefined
  /** Keys already imported, by thumbprint; saves the import on a hot path. */
  readonly findKey?: (jkt: string) => KeyObject | undefined
}

export interface Proof {
  readonly jkt: string
  readonly jwk: PublicJwk
  readonly key: KeyObject
  readonly jti: string
  /** Remember (jkt, jti) at least until then. */
  readonly replayableUntil: MonotonicSeconds
}

/**
 * Every Latchkey server requires its own nonce, so the nonce proves freshness (RFC 9449 section 11.1). `iat` must be present,
 * but its value, like an `nbf` or `exp` that a client adds, is ignored: a device without a clock of its own can still prove its key.
 */
export function verifyProof(headers: readonly string[], expected: ProofExpectation, now: MonotonicSeconds): Result<Proof, ProofRefusal> {
  const [text] = headers
  if (text === undefined) return refuse('proof_missing')
  if (headers.length > 1 || text.includes(',')) return refuse('proof_repeated') // (1)
  const jws = parseJws(text, PROOF_MAX_BYTES) // (2), (5)
  if (!jws.ok) return refuse('proof_malformed')
  if (!hasRequiredClaims(jws.value.payload)) return refuse('proof_malformed') // (3)
  if (jws.value.typ !== PROOF_TYPE) return refuse('proof_type') // (4)
  const jwk = parsePublicJwk(jws.value.header['jwk'], (candidate) => expected.findKey?.(buildThumbprint(candidate)) !== undefined) // (7)
  if (!jwk.ok || !algorithmsOf(jwk.value).includes(jws.value.alg)) return refuse('proof_key_unusable')
  const jkt = buildThumbprint(jwk.value)
  // The cheap checks come before the signature: a wrong request never costs a verification.
  const claims = checkClaims(jws.value, jkt, expected, now) // (8) to (12)
  if (!claims.ok) return claims
  const key = expected.findKey?.(jkt) ?? buildKeyObject(jwk.value)
  if (!isSignedBy(jws.value, key)) return refuse('proof_signature') // (6)
  return ok({ jkt, jwk: jwk.value, key, jti: jws.value.payload['jti'] as string, replayableUntil: claims.value })
}

function hasRequiredClaims(payload: JsonObject): boolean {
  const { jti, htm, htu, iat } = payload
  return (
    typeof jti === 'string' &&
    jti.length > 0 &&
    jti.length <= REPLAY_MAX_ID_CHARACTERS &&
    typeof htm === 'string' &&
    typeof htu === 'string' &&
    typeof iat === 'number' &&
    Number.isFinite(iat)
  )
}

/** Gives the second from which on the proof's nonce refuses it by itself. */
function checkClaims(jws: Jws, jkt: string, expected: ProofExpectation, now: MonotonicSeconds): Result<MonotonicSeconds, ProofRefusal> {
  const { htm, htu, nonce, ath } = jws.payload
  if (htm !== expected.method) return refuse('proof_method_mismatch') // (8)
  if (htu !== expected.uri && !isSameUri(htu as string, expected.uri)) return refuse('proof_uri_mismatch') // (9)
  const fresh = checkNonce(nonce, expected.nonces, now) // (10), (11)
  if (!fresh.ok) return fresh
  if (expected.accessToken === undefined) return fresh
  if (typeof ath !== 'string' || !isEqualConstantTime(ath, sha256Base64url(expected.accessToken.text))) return refuse('proof_token_mismatch') // (12)
  return jkt === expected.accessToken.jkt ? fresh : refuse('proof_key_mismatch')
}

function checkNonce(nonce: unknown, nonces: NonceSource, now: MonotonicSeconds): Result<MonotonicSeconds, ProofRefusal> {
  if (nonce === undefined) return refuse('proof_nonce_missing')
  if (typeof nonce !== 'string') return refuse('proof_nonce_unknown')
  const checked = nonces.check(nonce, now)
  if (checked.ok) return ok(checked.value.staleFrom)
  return refuse(checked.error === 'nonce_stale' ? 'proof_nonce_stale' : 'proof_nonce_unknown')
}

function refuse(reason: ProofRefusalReason): { ok: false; error: ProofRefusal } {
  return err({ reason })
}

/** True if the client can repeat the request with the nonce that the refusal carries (RFC 9449 section 8). */
export function isNonceRefusal(reason: ProofRefusalReason): boolean {
  return reason === 'proof_nonce_missing' || reason === 'proof_nonce_stale' || reason === 'proof_nonce_unknown'
}
