// Every path of the authz server with its named steps, in one table: what runs for a request can be read here.

import { FEED_SCOPE } from '../protocol/feed/messages.ts'
import { addPersonEndpoint } from './endpoints/add-person.ts'
import { deviceAuthorization } from './endpoints/device-authorization.ts'
import { artifact, feedSnapshot, feedStream } from './endpoints/feed.ts'
import { introspect } from './endpoints/introspect.ts'
import { jwks } from './endpoints/jwks.ts'
import { metadata } from './endpoints/metadata.ts'
import { disablePersonEndpoint, enablePersonEndpoint, listPeople, resetPersonEndpoint } from './endpoints/people.ts'
import { permission } from './endpoints/permission.ts'
import { activateMany, activateOne, importManifest, listDevices, MANIFEST_MAX_BYTES, revokeOne, rotate } from './endpoints/registry.ts'
import { listResources, readResource, refuseRegistration } from './endpoints/resource-registration.ts'
import { revoke } from './endpoints/revoke.ts'
import { RULE_TOOL_ENDPOINTS } from './endpoints/rules-tools.ts'
import { token } from './endpoints/token.ts'
import type { Endpoint, Step } from './http/exchange.ts'
import { PAGE_ENDPOINTS } from './page-routes.ts'
import { authenticateClient } from './steps/authenticate-client.ts'
import { nameRevokingClient } from './steps/name-revoking-client.ts'
import { offerNonce } from './steps/offer-nonce.ts'
import { parseForm } from './steps/parse-form.ts'
import { requireProof } from './steps/require-proof.ts'
import { requireProofAtStart } from './steps/require-proof-at-start.ts'
import { requireToken } from './steps/require-token.ts'

/** OAuth: the key is proved before anything else is believed. */
const OAUTH: readonly Step[] = [offerNonce, parseForm, requireProof, authenticateClient]
/** The protection API: UMA 2.0 Federated Authorization section 1.4. */
const PROTECTION: readonly Step[] = [offerNonce, requireToken('uma_protection')]
const OPERATOR: readonly Step[] = [offerNonce, requireToken('registry')]
const SIDECAR: readonly Step[] = [offerNonce, requireToken(FEED_SCOPE)]

/**
 * UMA 2.0 Federated Authorization section 3.2. Clients build these paths from `resource_registration_endpoint`, and do not agree on slashes:
 * all four spellings are served. Every other path has one spelling.
 */
const RESOURCE_REGISTRATION: readonly Endpoint[] = [
  ...['/rreg', '/rreg/'].flatMap((path): Endpoint[] => [
    { method: 'GET', path, steps: PROTECTION, handle: listResources },
    { method: 'POST', path, steps: PROTECTION, isRefused: true, handle: refuseRegistration },
  ]),
  ...['/rreg/{id}', '/rreg//{id}'].flatMap((path): Endpoint[] => [
    { method: 'GET', path, steps: PROTECTION, handle: readResource },
    { method: 'PUT', path, steps: PROTECTION, isRefused: true, handle: refuseRegistration },
    { method: 'DELETE', path, steps: PROTECTION, isRefused: true, handle: refuseRegistration },
  ]),
]

export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/.well-known/oauth-authorization-server', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/openid-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/uma2-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/jwks', steps: [], handle: jwks },
  { method: 'POST', path: '/device_authorization', steps: [offerNonce, parseForm, requireProofAtStart, authenticateClient], handle: deviceAuthorization },
  { method: 'POST', path: '/token', steps: OAUTH, handle: token },
  { method: 'POST', path: '/introspect', steps: [...PROTECTION, parseForm], handle: introspect },
  { method: 'POST', path: '/revoke', steps: [offerNonce, parseForm, nameRevokingClient], handle: revoke },
  { method: 'POST', path: '/permission', steps: PROTECTION, handle: permission },
  ...RESOURCE_REGISTRATION,
  { method: 'POST', path: '/registry/people', steps: OPERATOR, handle: addPersonEndpoint },
  { method: 'GET', path: '/registry/people', steps: OPERATOR, handle: listPeople },
  { method: 'POST', path: '/registry/people/{who}/disable', steps: OPERATOR, handle: disablePersonEndpoint },
  { method: 'POST', path: '/registry/people/{who}/enable', steps: OPERATOR, handle: enablePersonEndpoint },
  { method: 'POST', path: '/registry/people/{who}/reset', steps: OPERATOR, handle: resetPersonEndpoint },
  { method: 'POST', path: '/registry/devices/import', bodyMaxBytes: MANIFEST_MAX_BYTES, steps: OPERATOR, handle: importManifest },
  { method: 'GET', path: '/registry/devices', steps: OPERATOR, handle: listDevices },
  { method: 'POST', path: '/registry/devices/activate', bodyMaxBytes: MANIFEST_MAX_BYTES, steps: OPERATOR, handle: activateMany },
  { method: 'POST', path: '/registry/devices/{id}/activate', steps: OPERATOR, handle: activateOne },
  { method: 'POST', path: '/registry/devices/{id}/revoke', steps: OPERATOR, handle: revokeOne },
  { method: 'POST', path: '/registry/keys/rotate', steps: OPERATOR, handle: rotate },
  { method: 'GET', path: '/feed/snapshot', steps: SIDECAR, handle: feedSnapshot },
  { method: 'GET', path: '/feed/stream', steps: SIDECAR, handle: feedStream },
  { method: 'GET', path: '/artifacts/{digest}', steps: SIDECAR, handle: artifact },
  ...RULE_TOOL_ENDPOINTS,
  ...PAGE_ENDPOINTS,
]
