// OAuth message shapes and closed lists of error codes, named by their RFCs.

export const GRANT_TYPES = {
  deviceCode: 'urn:ietf:params:oauth:grant-type:device_code',
  refreshToken: 'refresh_token',
  clientCredentials: 'client_credentials',
  umaTicket: 'urn:ietf:params:oauth:grant-type:uma-ticket',
} as const

/** RFC 7523 section 2.2: how a confidential client signs for itself. */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
export const CLIENT_ASSERTION_JWT_TYPE = 'client-authentication+jwt'

/** The one claim token format we take: an ID Token (UMA 2.0 Grant section 3.3.1; the format's URI starts with http). */
export const ID_TOKEN_FORMAT = 'http://openid.net/specs/openid-connect-core-1_0.html#IDToken'

/** Error codes of our OAuth endpoints: RFC 6749 5.2, 8628 3.5, 9449 5 and 8, 8693/8707, UMA Grant 3.3.6. */
export const OAUTH_ERROR_CODES = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'insufficient_scope',
  'authorization_pending',
  'slow_down',
  'access_denied',
  'expired_token',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'unsupported_token_type',
  'need_info',
  'request_denied',
  'request_submitted',
  'invalid_resource_id',
  'unsupported_method_type',
  'not_found',
  'server_error',
  'temporarily_unavailable',
] as const
export type OAuthErrorCode = (typeof OAUTH_ERROR_CODES)[number]

/** RFC 8628 section 3.2, plus the key's fingerprint in words for the person to compare. Times in seconds. */
export interface DeviceAuthorizationResponse {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete: string
  readonly expires_in: number
  readonly interval: number
}

/** RFC 6749 section 5.1. `id_token` comes with the scope `openid`. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'DPoP'
  readonly expires_in: number
  readonly refresh_token?: string
  readonly scope?: string
  readonly id_token?: string
}
