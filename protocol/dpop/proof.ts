// What a DPoP proof is (RFC 9449 section 4.2), and how one is made. Checking is `verify-proof.ts`'s.
import { sha256Base64url } from '../encoding.ts'
import { type SigningKey, signJws } from '../jws.ts'
import type { EpochSeconds } from '../time.ts'

export const PROOF_TYPE = 'dpop+jwt'

export interface ProofRequest {
  readonly method: string
  /** The request's absolute URI; query and fragment are dropped (RFC 9449 section 4.2, `htu`). */
  readonly uri: string
  readonly now: EpochSeconds
  /** At least 96 random bits, never used before. */
  readonly jti: string
  readonly nonce?: string | undefined
  readonly accessToken?: string | undefined
}

export function buildProof(key: SigningKey, request: ProofRequest): string {
  return signJws(key, {
    typ: PROOF_TYPE,
    header: { jwk: key.jwk },
    payload: {
      jti: request.jti,
      htm: request.method,
      htu: request.uri.split(/[?#]/, 1)[0],
      iat: request.now,
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      ...(request.accessToken === undefined ? {} : { ath: sha256Base64url(request.accessToken) }),
    },
  })
}
