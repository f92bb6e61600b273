// Makes an access token (RFC 9068) bound to a key (RFC 7800, RFC 9449 section 6). Stores nothing; whether it may be made is the caller's.
import { randomUUID } from 'node:crypto'
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims, type Confirmation } from '../../protocol/claims.ts'
import { FEED_SCOPE } from '../../protocol/feed/messages.ts'
import { signJws } from '../../protocol/jws.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { AuthzServerConfig, ConfirmationMember, ResourceServer } from '../config/config.ts'
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
  const cnf = pickConfirmation(request, context.config)
  const proven = isAuthenticatedClient(context.config, facts.client_id) ? { client_authenticated: true as const } : {}
  const issued = { iss: context.config.issuer, iat: now, exp: now + lifetimeSeconds, jti: randomUUID() }
  const claims: AccessTokenClaims = { ...facts, ...proven, cnf, ...issued }
  const payload = { ...claims, scope: claims.scope.length === 0 ? undefined : claims.scope.join(' ') }
  return { text: signJws(context.keyring.active(), { typ: ACCESS_TOKEN_TYPE, payload }), claims }
}

/** The key itself only for resource servers that are configured to get it (docs/decisions/0024); this server needs the thumbprint alone. */
function pickConfirmation({ aud, cnf }: Pick<TokenRequest, 'aud' | 'cnf'>, config: AuthzServerConfig): Confirmation {
  const servers = aud.map((id) => config.resource_servers.find((server) => server.id === id))
  const isKeyWanted = servers.every((server) => server !== undefined && (server.confirmation ?? confirmationByDefault(server, config)).includes('jwk'))
  return isKeyWanted ? cnf : { jkt: cnf.jkt }
}

/** A sidecar is a client that reads the feed. */
function confirmationByDefault(server: ResourceServer, { clients }: AuthzServerConfig): readonly ConfirmationMember[] {
  const client = clients.find((known) => known.client_id === server.client_id)
  return client?.scopes.includes(FEED_SCOPE) === true ? ['jkt', 'jwk'] : ['jkt']
}
