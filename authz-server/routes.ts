// Every path of the authz server with its named steps, in one table: what runs for a request can be read here.

import { addPersonEndpoint } from './endpoints/add-person.ts'
import { deviceAuthorization } from './endpoints/device-authorization.ts'
import { jwks } from './endpoints/jwks.ts'
import { metadata } from './endpoints/metadata.ts'
import { permission } from './endpoints/permission.ts'
import { listResources, readResource, refuseRegistration } from './endpoints/resource-registration.ts'
import { token } from './endpoints/token.ts'
import type { Endpoint, Step } from './http/exchange.ts'
import { PAGE_ENDPOINTS } from './page-routes.ts'
import { authenticateClient } from './steps/authenticate-client.ts'
import { offerNonce } from './steps/offer-nonce.ts'
import { parseForm } from './steps/parse-form.ts'
import { requireProof } from './steps/require-proof.ts'
import { requireToken } from './steps/require-token.ts'

/** OAuth: the key is proved before anything else is believed. */
const OAUTH: readonly Step[] = [offerNonce, parseForm, requireProof, authenticateClient]
/** The protection API: UMA 2.0 Federated Authorization section 1.4. */
const PROTECTION: readonly Step[] = [offerNonce, requireToken('uma_protection')]
const OPERATOR: readonly Step[] = [offerNonce, requireToken('registry')]

export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/.well-known/oauth-authorization-server', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/openid-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/uma2-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/jwks', steps: [], handle: jwks },
  { method: 'POST', path: '/device_authorization', steps: OAUTH, handle: deviceAuthorization },
  { method: 'POST', path: '/token', steps: OAUTH, handle: token },
  { method: 'POST', path: '/permission', steps: PROTECTION, handle: permission },
  { method: 'GET', path: '/rreg/', steps: PROTECTION, handle: listResources },
  { method: 'POST', path: '/rreg/', steps: PROTECTION, handle: refuseRegistration },
  { method: 'GET', path: '/rreg/{id}', steps: PROTECTION, handle: readResource },
  { method: 'PUT', path: '/rreg/{id}', steps: PROTECTION, handle: refuseRegistration },
  { method: 'DELETE', path: '/rreg/{id}', steps: PROTECTION, handle: refuseRegistration },
  { method: 'POST', path: '/registry/people', steps: OPERATOR, handle: addPersonEndpoint },
  ...PAGE_ENDPOINTS,
]
