// Makes an access token (RFC 9068) bound to a key (RFC 7800, RFC 9449 section 6). Stores nothing; whether it may be made is the caller's.
import { randomUUID } from 'node:crypto'
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims } from '../../protocol/claims.ts'
import { signJws } from '../../protocol/jws.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { isAuthenticatedClient } from './is-authenticated-client.ts'

export const ACCESS_TOKEN_LIFETIME_SECONDS = 600
/** Requesting-party tokens, UMA 2.0 Grant section 1.3. */
export const RPT_LIFETIME_SECONDS = 300

export type TokenRequest = Omit<AccessTokenClaims, 'iss' | 'iat' | 'exp' | 'jti'> & { readonly lifetimeSeconds: number }

export interface BuiltToken {
  readonly text: string
  readonly claims: AccessTokenClaims
}

export function buildAccessToken(request: TokenRequest, context: Context, now: EpochSeconds): BuiltToken {
  const { lifetimeSeconds, ...facts } = request
  const proven = isAuthenticatedClient(context.config, facts.client_id) ? { client_authenticated: true as const } : {}
  const claims: AccessTokenClaims = { ...facts, ...proven, iss: context.config.issuer, iat: now, exp: now + lifetimeSeconds, jti: randomUUID() }
  const payload = { ...claims, scope: claims.scope.length === 0 ? undefined : claims.scope.join(' ') }
  return { text: signJws(context.keyring.active(), { typ: ACCESS_TOKEN_TYPE, payload }), claims }
}
