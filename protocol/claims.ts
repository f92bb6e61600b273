// The claims of the tokens we issue and accept (RFC 9068, 7800, 8693, UMA 2.0 Federated Authorization 5.1.1), read once from unknown into types.
import { isJsonObject, type JsonObject } from './encoding.ts'
import { buildThumbprint, isThumbprint, type PublicJwk, parsePublicJwk } from './jwk.ts'
import { err, ok, type Result } from './result.ts'
import type { EpochSeconds } from './time.ts'

export const ACCESS_TOKEN_TYPE = 'at+jwt'

/**
 * Confirmation (RFC 7800 section 3.1): the thumbprint (RFC 9449 section 6.1) and, for resource servers that need it, the key itself.
 * Both are always of one key.
 */
export interface Confirmation {
  readonly jkt: string
  readonly jwk?: PublicJwk
}

/** One entry of `permissions` (UMA 2.0 Federated Authorization section 5.1.1). */
export interface Permission {
  readonly resource_id: string
  readonly resource_scopes: readonly string[]
  readonly exp?: EpochSeconds
  /** Ours: the owner allowed one request, under this id. It passes where the owner's rules ask. */
  readonly once?: string
}

/** Who acts, as the token tells it. Device tokens carry `device_id`, `act` and `epoch`; requesting-party tokens carry `permissions`. */
export interface AccessTokenClaims {
  readonly iss: string
  readonly aud: readonly string[]
  readonly sub: string
  readonly client_id: string
  readonly iat: EpochSeconds
  readonly exp: EpochSeconds
  /** RFC 7519 section 4.1.5. Latchkey's own tokens do not carry it. */
  readonly nbf?: EpochSeconds
  readonly jti: string
  /** Names the grant (token family), so that one revocation ends all tokens that came of it. */
  readonly grant_id: string
  readonly scope: readonly string[]
  readonly cnf: Confirmation
  readonly device_id?: string
  readonly act?: { readonly sub: string }
  /** Ownership epoch of the device: tokens of an earlier epoch are refused. */
  readonly epoch?: number
  readonly email?: string
  readonly email_verified?: boolean
  readonly permissions?: readonly Permission[]
  /** Ours: the client proved that it is `client_id`. Left out for public clients, whose name anybody may claim. */
  readonly client_authenticated?: true
}

export type ClaimsRefusal = { readonly reason: 'claims_malformed'; readonly claim: string } | { readonly reason: 'confirmation_unusable' }

/** The payload of an access token as types. Signature, issuer, audience and time are `verify-access-token.ts`'s. */
export function parseAccessTokenClaims(payload: JsonObject): Result<AccessTokenClaims, ClaimsRefusal> {
  for (const claim of ['iss', 'sub', 'client_id', 'jti', 'grant_id'] as const) {
    if (!isText(payload[claim])) return malformed(claim)
  }
  for (const claim of ['iat', 'exp'] as const) {
    if (!isWholeNumber(payload[claim])) return malformed(claim)
  }
  const aud = parseAudience(payload['aud'])
  if (aud === undefined) return malformed('aud')
  const scope = parseScope(payload['scope'])
  if (scope === undefined) return malformed('scope')
  const cnf = parseConfirmation(payload['cnf'])
  if (cnf === undefined) return err({ reason: 'confirmation_unusable' })
  const optional = parseOptionalClaims(payload)
  if (!optional.ok) return optional
  const { iss, sub, client_id, jti, grant_id, iat, exp } = payload as unknown as AccessTokenClaims
  return ok({ iss, sub, client_id, jti, grant_id, iat, exp, aud, scope, cnf, ...optional.value })
}

type OptionalClaims = Pick<AccessTokenClaims, 'nbf' | 'device_id' | 'act' | 'epoch' | 'email' | 'email_verified' | 'permissions' | 'client_authenticated'>

const OPTIONAL_CLAIMS: { readonly [claim in keyof OptionalClaims]-?: (value: unknown) => boolean } = {
  nbf: isWholeNumber,
  device_id: isText,
  act: (value) => isJsonObject(value) && isText(value['sub']),
  epoch: isWholeNumber,
  email: isText,
  email_verified: (value) => typeof value === 'boolean',
  client_authenticated: (value) => value === true,
  permissions: (value) => Array.isArray(value) && value.every(isPermission),
}

function parseOptionalClaims(payload: JsonObject): Result<OptionalClaims, ClaimsRefusal> {
  const found: Record<string, unknown> = {}
  for (const [claim, isValid] of Object.entries(OPTIONAL_CLAIMS)) {
    if (!Object.hasOwn(payload, claim)) continue
    if (!isValid(payload[claim])) return malformed(claim)
    found[claim] = payload[claim]
  }
  return ok(found as OptionalClaims)
}

/** `aud` is a text or a list of texts (RFC 7519 section 4.1.3). */
function parseAudience(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value : [value]
  return list.length > 0 && list.every(isText) ? (list as string[]) : undefined
}

/** Space-separated scope (RFC 6749 section 3.3); absent means none. */
export function parseScope(value: unknown): readonly string[] | undefined {
  if (value === undefined) return []
  if (typeof value !== 'string') return undefined
  const names = value.split(' ').filter((name) => name !== '')
  return names.every(isScopeName) ? [...new Set(names)] : undefined
}

export function isScopeName(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(value)
}

/** `jkt`, or `jkt` and `jwk` of one key. Any other member is a method that nobody here can check, so the token is refused (RFC 7800 section 3.1). */
function parseConfirmation(value: unknown): Confirmation | undefined {
  if (!isJsonObject(value) || !isThumbprint(value['jkt'])) return undefined
  if (Object.keys(value).some((member) => member !== 'jkt' && member !== 'jwk')) return undefined
  if (!Object.hasOwn(value, 'jwk')) return { jkt: value['jkt'] }
  const jwk = parsePublicJwk(value['jwk'])
  if (!jwk.ok || buildThumbprint(jwk.value) !== value['jkt']) return undefined
  return { jkt: value['jkt'], jwk: jwk.value }
}

const ONCE_MAX_CHARACTERS = 128

function isPermission(value: unknown): value is Permission {
  return (
    isJsonObject(value) &&
    isText(value['resource_id']) &&
    Array.isArray(value['resource_scopes']) &&
    value['resource_scopes'].every(isScopeName) &&
    (value['exp'] === undefined || isWholeNumber(value['exp'])) &&
    // An approval without an end could be used again once the sidecar has forgotten it.
    (value['once'] === undefined || (isText(value['once']) && value['once'].length <= ONCE_MAX_CHARACTERS && value['exp'] !== undefined))
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function malformed(claim: string): { ok: false; error: ClaimsRefusal } {
  return err({ reason: 'claims_malformed', claim })
}
