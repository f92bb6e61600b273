// The ID token of an app (OpenID Connect Core 1.0 section 2), bound to the app's key, so that nobody else can push it as a claim.
import { randomUUID } from 'node:crypto'
import { signJws } from '../../protocol/jws.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { TokenGrant } from '../store/grants-repository.ts'
import type { Person } from '../store/people-repository.ts'
import { ACCESS_TOKEN_LIFETIME_SECONDS } from './build-access-token.ts'

/** Unlike `at+jwt`, so that neither kind passes for the other (RFC 8725 section 3.11). */
export const ID_TOKEN_JWT_TYPE = 'JWT'

export function buildIdToken(context: Context, { grant, person }: { readonly grant: TokenGrant; readonly person: Person }, now: EpochSeconds): string {
  return signJws(context.keyring.active(), {
    typ: ID_TOKEN_JWT_TYPE,
    payload: {
      iss: context.config.issuer,
      sub: person.id,
      aud: grant.clientId,
      azp: grant.clientId,
      iat: now,
      exp: now + ACCESS_TOKEN_LIFETIME_SECONDS,
      jti: randomUUID(),
      grant_id: grant.id,
      email: person.email,
      email_verified: person.emailVerified,
      name: person.displayName,
      cnf: { jkt: grant.jkt },
    },
  })
}
