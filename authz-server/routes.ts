// Every path of the authz server with its named steps, in one table: what runs for a request can be read here.

import { deviceAuthorization } from './endpoints/device-authorization.ts'
import { introspect } from './endpoints/introspect.ts'
import { jwks } from './endpoints/jwks.ts'
import { metadata } from './endpoints/metadata.ts'
import { revoke } from './endpoints/revoke.ts'
import { token } from './endpoints/token.ts'
import type { Endpoint, Step } from './http/exchange.ts'
import { PAGE_ENDPOINTS } from './page-routes.ts'
import { authenticateClient } from './steps/authenticate-client.ts'
import { offerNonce } from './steps/offer-nonce.ts'
import { parseForm } from './steps/parse-form.ts'
import { requireProof } from './steps/require-proof.ts'
import { requireToken } from './steps/require-token.ts'

/** A client that proves a key: devices and apps by the key itself, services by a signed assertion too. */
const CLIENT: readonly Step[] = [offerNonce, parseForm, requireProof, authenticateClient]

export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/.well-known/oauth-authorization-server', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/openid-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/uma2-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/jwks', steps: [], handle: jwks },
  { method: 'POST', path: '/device_authorization', steps: CLIENT, handle: deviceAuthorization },
  { method: 'POST', path: '/token', steps: CLIENT, handle: token },
  { method: 'POST', path: '/introspect', steps: [offerNonce, requireToken('uma_protection'), parseForm], handle: introspect },
  { method: 'POST', path: '/revoke', steps: [parseForm], handle: revoke },
  ...PAGE_ENDPOINTS,
]
