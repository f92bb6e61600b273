// Verifies access tokens, each text once: what was verified is kept by digest until its time is over. Says nothing about revocation.
import type { KeyObject } from 'node:crypto'
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { sha256Base64url } from '../../protocol/encoding.ts'
import { buildKeyObject } from '../../protocol/jwk.ts'
import { JWS_MAX_BYTES } from '../../protocol/jws.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { type AccessTokenRefusal, verifyAccessToken } from '../../protocol/verify-access-token.ts'
import { TOKEN_CACHE_ENTRIES } from '../limits.ts'
import { createLru, type Lru } from '../lru.ts'

export interface TokenVerifier {
  /** `keys`: those of the feed's state. Another set of keys forgets all that was verified with the one before. */
  verify(text: string, keys: ReadonlyMap<string, KeyObject>, now: EpochSeconds): Result<AccessTokenClaims, AccessTokenRefusal>
}

export interface TokenExpectation {
  readonly issuer: string
  readonly audience: string
  /** Learns the key of each token that was verified, so that its proofs need no import. */
  readonly keys: Lru<KeyObject>
}

export function createTokenVerifier(expectation: TokenExpectation): TokenVerifier {
  const verified = createLru<AccessTokenClaims>(TOKEN_CACHE_ENTRIES)
  let verifiedWith: ReadonlyMap<string, KeyObject> | undefined

  return {
    verify(text, keys, now) {
      if (text.length > JWS_MAX_BYTES) return err({ reason: 'jws_too_long' })
      if (keys !== verifiedWith) {
        verified.clear()
        verifiedWith = keys
      }
      const digest = sha256Base64url(text)
      const known = verified.get(digest)
      if (known !== undefined) return known.exp > now ? ok(known) : err({ reason: 'token_expired' })
      const { issuer, audience } = expectation
      const fresh = verifyAccessToken(text, { issuer, audience, findKey: (kid) => keys.get(kid), requiresKey: true }, now)
      if (!fresh.ok) return fresh
      verified.set(digest, fresh.value)
      const { jkt, jwk } = fresh.value.cnf
      if (jwk !== undefined && expectation.keys.get(jkt) === undefined) expectation.keys.set(jkt, buildKeyObject(jwk))
      return fresh
    },
  }
}
