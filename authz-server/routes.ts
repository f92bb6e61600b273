// Every path of the authz server with its named steps, in one table: what runs for a request can be read here.

import { jwks } from './endpoints/jwks.ts'
import { metadata } from './endpoints/metadata.ts'
import type { Endpoint } from './http/exchange.ts'
import { PAGE_ENDPOINTS } from './page-routes.ts'

export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/.well-known/oauth-authorization-server', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/openid-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/.well-known/uma2-configuration', steps: [], handle: metadata },
  { method: 'GET', path: '/jwks', steps: [], handle: jwks },
  ...PAGE_ENDPOINTS,
]
