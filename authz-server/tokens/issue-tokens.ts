// The tokens of one grant: access token, the next refresh token, and for apps the ID token. Whether the grant still stands is the caller's to know.
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import type { PublicJwk } from '../../protocol/jwk.ts'
import type { TokenResponse } from '../../protocol/oauth/messages.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { findDeviceType } from '../registry/device-type.ts'
import type { Device } from '../store/devices-repository.ts'
import type { TokenGrant } from '../store/grants-repository.ts'
import type { Person } from '../store/people-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { ACCESS_TOKEN_LIFETIME_SECONDS, buildAccessToken, type TokenRequest } from './build-access-token.ts'
import { buildIdToken } from './id-token.ts'

/** A device that is switched off for a season still knows its owner. Each refresh starts it anew. */
export const REFRESH_TOKEN_LIFETIME_SECONDS = 90 * 86_400
const REFRESH_TOKEN_BYTES = 32
const REFRESH_TOKEN_PREFIX = 'refresh_'

export interface StandingGrant {
  readonly grant: TokenGrant
  readonly person: Person
  /** The device of a device's grant, as it is now. */
  readonly device: Device | undefined
  /** The key of this request's proof: `grant.jkt` is its thumbprint. */
  readonly jwk: PublicJwk
  /** The grant's, or fewer (RFC 6749 section 6). */
  readonly scope: readonly string[]
}

export function hashRefreshToken(text: string): string {
  return sha256Base64url(text)
}

/** Runs inside the transaction that used up what it is given for. */
export async function issueTokens(
  context: Context,
  repositories: Pick<Repositories, 'refreshTokens'>,
  standing: StandingGrant & { readonly now: EpochSeconds },
): Promise<TokenResponse> {
  const { grant, person, scope, now } = standing
  const refreshToken = REFRESH_TOKEN_PREFIX + buildBase64url(context.ports.randomBytes(REFRESH_TOKEN_BYTES))
  const expiresAt = now + REFRESH_TOKEN_LIFETIME_SECONDS
  await repositories.refreshTokens.add({ tokenHash: hashRefreshToken(refreshToken), grantId: grant.id, createdAt: now, expiresAt })
  return {
    access_token: buildAccessToken(describeToken(context, standing), context, now).text,
    token_type: 'DPoP',
    expires_in: ACCESS_TOKEN_LIFETIME_SECONDS,
    refresh_token: refreshToken,
    scope: scope.join(' '),
    ...(scope.includes('openid') ? { id_token: buildIdToken(context, { grant, person }, now) } : {}),
  }
}

/** A device's token names its owner as subject and the device as actor (RFC 8693 section 4.1), and is for the API of its kind; an app's is for us. */
function describeToken(context: Context, { grant, device, jwk, scope }: StandingGrant): TokenRequest {
  const common = {
    sub: grant.personId,
    client_id: grant.clientId,
    grant_id: grant.id,
    scope,
    cnf: { jkt: grant.jkt, jwk },
    lifetimeSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
  }
  if (device === undefined) return { ...common, aud: [context.config.issuer] }
  const type = findDeviceType(context.config, device.kind)
  const audience = type?.resource_server ?? context.config.issuer
  return { ...common, aud: [audience], device_id: device.id, act: { sub: grant.clientId }, epoch: device.epoch }
}
