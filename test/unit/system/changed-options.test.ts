// TR28: which changes of a configuration a reload takes over, and which need a restart.
import { describe, expect, test } from 'vitest'
import type { AuthzServerConfig } from '../../../authz-server/config/config.ts'
import { listFixedChanges as fixedOfAuthzServer } from '../../../authz-server/config/fixed-options.ts'
import { listFixedChanges as fixedOfSidecar } from '../../../sidecar/config/fixed-options.ts'
import type { SidecarConfig } from '../../../sidecar/config/sidecar-config.ts'

const SIDECAR: SidecarConfig = {
  listen: { host: '127.0.0.1', port: 1, tls: { certificate_file: 'a', key_file: 'b' } },
  admin: { host: '127.0.0.1', port: 2 },
  public_origin: 'https://a.example',
  upstream: 'http://127.0.0.1:3',
  authz_server: { issuer: 'https://b.example', client_id: 'c', key_file: 'd' },
  data_directory: 'e',
  feed: { max_age_seconds: 900 },
  limits: { answer_seconds: 1, idle_seconds: 1, request_seconds: 1 },
  routes: [],
}

describe('TR28: sidecar', () => {
  test.each([
    { title: 'nothing', changes: {}, expected: [] },
    { title: 'keys in another order', changes: { admin: { port: 2, host: '127.0.0.1' } }, expected: [] },
    { title: 'routes', changes: { routes: [{ method: 'GET', path: '/a', resource: 'a', scope: 'read' }] as never }, expected: [] },
    {
      title: 'proxies, CORS, guardrails, log level, drain',
      changes: {
        trusted_proxies: ['10.0.0.0/8'],
        client_address_header: 'forwarded' as const,
        cors: { origins: [] },
        guardrails: { rules: 'r', decision_milliseconds: 50 },
        log_level: 'debug' as const,
        drain_seconds: 3,
      },
      expected: [],
    },
    { title: 'names of certificate files', changes: { listen: { ...SIDECAR.listen, tls: { certificate_file: 'x', key_file: 'y' } } }, expected: [] },
    { title: 'TLS at all', changes: { listen: { host: '127.0.0.1', port: 1 } }, expected: ['listen'] },
    { title: 'the PROXY protocol', changes: { listen: { ...SIDECAR.listen, proxy_protocol: true } }, expected: ['listen'] },
    { title: 'the port', changes: { listen: { ...SIDECAR.listen, port: 9 } }, expected: ['listen'] },
    {
      title: 'origins and data',
      changes: { public_origin: 'https://x.example', upstream: 'http://127.0.0.1:4', data_directory: 'z' },
      expected: ['data_directory', 'public_origin', 'upstream'],
    },
  ])('TR28: $title', ({ changes, expected }) => {
    expect(fixedOfSidecar(SIDECAR, { ...SIDECAR, ...changes })).toEqual(expected)
    expect(fixedOfSidecar({ ...SIDECAR, ...changes }, SIDECAR)).toEqual(expected)
  })
})

test('TR28: authz server: what the database follows at a start needs a start', () => {
  const config: AuthzServerConfig = {
    issuer: 'https://a.example',
    listen: { host: '127.0.0.1', port: 1 },
    data_directory: 'd',
    resource_servers: [],
    clients: [],
    device_types: [],
  }
  const next = { ...config, trusted_proxies: ['127.0.0.1'], log_level: 'debug' as const, clients: [{}] as never, admin: { host: '127.0.0.1', port: 4 } }
  expect(fixedOfAuthzServer(config, next)).toEqual(['admin', 'clients'])
})
