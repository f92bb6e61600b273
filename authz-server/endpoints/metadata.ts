// One object for all three discovery documents: RFC 8414, OpenID Connect Discovery 1.0, UMA 2.0 Grant section 2.

import { SIGNATURE_ALGORITHMS } from '../../protocol/jwk.ts'
import { GRANT_TYPES } from '../../protocol/oauth/messages.ts'
import { SERVICE_SCOPES } from '../config/config.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'

export function metadata(_exchange: Exchange, context: Context): Answer {
  return answerJson(200, buildMetadata(context.config.issuer))
}

export function buildMetadata(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    token_endpoint: `${issuer}/token`,
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    device_authorization_endpoint: `${issuer}/device_authorization`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    revocation_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    revocation_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    grant_types_supported: Object.values(GRANT_TYPES),
    response_types_supported: [],
    scopes_supported: ['openid', ...SERVICE_SCOPES],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    dpop_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    permission_endpoint: `${issuer}/permission`,
    resource_registration_endpoint: `${issuer}/rreg/`,
    uma_profiles_supported: [],
  }
}
