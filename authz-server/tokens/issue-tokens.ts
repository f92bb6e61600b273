// The answer to a grant that has a person behind it: access token, rotating refresh token, and an ID token for apps. Signs; the caller has stored the grant.
import { randomUUID } from 'node:crypto'
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import type { PublicJwk } from '../../protocol/jwk.ts'
import { signJws } from '../../protocol/jws.ts'
import type { TokenResponse } from '../../protocol/oauth/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { RefreshToken, StoredGrant } from '../store/grants-repository.ts'
import type { Person } from '../store/people-repository.ts'
import { ACCESS_TOKEN_LIFETIME_SECONDS, buildAccessToken } from './build-access-token.ts'

/** A device that was off for a month pairs again. */
export const REFRESH_TOKEN_LIFETIME_SECONDS = 30 * 24 * 3600
const REFRESH_TOKEN_BYTES = 32
/** A type in the text, so that one kind of secret never passes for another. */
const REFRESH_TOKEN_PREFIX = 'lkr_'

export const OPENID_SCOPE = 'openid'

export interface IssuedRefreshToken {
  readonly text: string
  readonly stored: RefreshToken
}

export function generateRefreshToken(context: Context, grantId: string, now: EpochSeconds): IssuedRefreshToken {
  const text = REFRESH_TOKEN_PREFIX + buildBase64url(context.ports.randomBytes(REFRESH_TOKEN_BYTES))
  return { text, stored: { tokenHash: hashRefreshToken(text), grantId, createdAt: now, expiresAt: now + REFRESH_TOKEN_LIFETIME_SECONDS } }
}

export function hashRefreshToken(text: string): string {
  return sha256Base64url(text)
}

export interface Issue {
  readonly grant: StoredGrant
  readonly person: Person
  /** Where the token is good for: resource servers for a device, this server for an app. */
  readonly audience: readonly string[]
  /** At most the grant's. */
  readonly scope: readonly string[]
  readonly jwk: PublicJwk
  readonly refreshToken: string
}

export function buildTokenResponse(context: Context, issue: Issue, now: EpochSeconds): TokenResponse {
  const { grant, person, scope } = issue
  const device =
    grant.deviceId === null || grant.epoch === null ? {} : { device_id: grant.deviceId, act: { sub: `device:${grant.deviceId}` }, epoch: grant.epoch }
  const access = buildAccessToken(
    {
      aud: issue.audience,
      sub: person.id,
      client_id: grant.clientId,
      grant_id: grant.id,
      scope,
      cnf: { jkt: grant.jkt, jwk: issue.jwk },
      ...device,
      lifetimeSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
    },
    context,
    now,
  )
  return {
    access_token: access.text,
    token_type: 'DPoP',
    expires_in: ACCESS_TOKEN_LIFETIME_SECONDS,
    refresh_token: issue.refreshToken,
    scope: scope.join(' '),
    ...(scope.includes(OPENID_SCOPE) ? { id_token: buildIdToken(context, issue, now) } : {}),
  }
}

/** OpenID Connect Core section 2, bound to the app's key: pushed as claim token, it is good only with a proof of that key. */
function buildIdToken(context: Context, { grant, person }: Issue, now: EpochSeconds): string {
  return signJws(context.keyring.active(), {
    typ: 'JWT',
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
      cnf: { jkt: grant.jkt },
    },
  })
}
