// TR27: what only the authz server can know of a wrong configuration: the sidecar's log names both values and the remedy, and requests stay refused.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { AuthzServerConfig } from '../../../authz-server/config/config.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import type { SidecarConfig } from '../../../sidecar/config/sidecar-config.ts'
import { createDataFiles } from '../../../sidecar/files/data-files.ts'
import type { SidecarPorts } from '../../../sidecar/ports.ts'
import { createSidecar, type Sidecar } from '../../../sidecar/server.ts'
import { until } from '../../support/raw-socket.ts'
import { AMPS, type AuthzWorld, findFreePort, GUITARS, generateKey, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

const ALONE = 'https://alone.example.test'
/** Beyond what the rules of the file accept: servers of earlier versions have such configurations. */
const change = (config: AuthzServerConfig): AuthzServerConfig => ({
  ...config,
  resource_servers: [...config.resource_servers, { id: 'https://second.example.test', name: 'Second', client_id: 'amps' }],
  clients: [
    ...config.clients,
    { client_id: 'idle', name: 'Idle', authentication: 'private_key_jwt', jwk: idleKey.jwk, scopes: ['uma_protection', 'feed'] },
    { client_id: 'narrow', name: 'Narrow', authentication: 'private_key_jwt', jwk: narrowKey.jwk, scopes: ['uma_protection'] },
  ],
})
const idleKey = generateKey()
const narrowKey = generateKey()

let closedPort = 0
let world: AuthzWorld
let sidecar: Sidecar | undefined
const directory = mkdtempSync(join(tmpdir(), 'latchkey-wrong-'))
beforeAll(async () => {
  world = await startAuthzWorld(change)
  closedPort = await findFreePort()
})
afterEach(async () => {
  await sidecar?.close()
  sidecar = undefined
})
afterAll(async () => {
  await world.close()
  rmSync(directory, { recursive: true, force: true })
})

interface Row {
  readonly title: string
  readonly config: (config: SidecarConfig) => SidecarConfig
  readonly ports?: () => Partial<SidecarPorts>
  readonly expected: () => readonly (string | RegExp)[]
}

const withServer = (more: Partial<SidecarConfig['authz_server']>) => (config: SidecarConfig) => ({
  ...config,
  authz_server: { ...config.authz_server, ...more },
})

const ROWS: readonly Row[] = [
  {
    title: 'a public_origin that another resource server has',
    config: (config) => ({ ...config, public_origin: ALONE }),
    expected: () => [`public_origin is "${ALONE}"`, `"${GUITARS}"`, 'resource_servers.id'],
  },
  {
    title: 'a client of two resource servers',
    config: (config) => withServer({ client_id: 'amps' })({ ...config, public_origin: AMPS }),
    ports: () => ({ key: world.keys.amps }),
    expected: () => ['invalid_target', AMPS, 'https://second.example.test', 'exactly one entry of resource_servers'],
  },
  {
    title: 'a client of no resource server',
    config: withServer({ client_id: 'idle' }),
    ports: () => ({ key: idleKey }),
    expected: () => ['invalid_target', `public_origin is "${GUITARS}"`, 'client_id "idle"'],
  },
  {
    title: 'a client without the scope feed',
    config: withServer({ client_id: 'narrow' }),
    ports: () => ({ key: narrowKey }),
    expected: () => ['client "narrow" needs the scopes uma_protection and feed'],
  },
  {
    title: 'a client_id that the authz server does not know',
    config: withServer({ client_id: 'stranger' }),
    expected: () => ['invalid_client', 'authz_server.client_id "stranger"', world.keys.sidecar.kid, 'latchkey key show'],
  },
  {
    title: 'another key',
    config: (config) => config,
    ports: () => ({ key: idleKey }),
    expected: () => ['invalid_client', 'authz_server.client_id "sidecar"', idleKey.kid],
  },
  {
    title: 'an issuer by another name',
    config: (config) => withServer({ issuer: config.authz_server.issuer.replace('127.0.0.1', 'localhost') })(config),
    expected: () => [/authz_server\.issuer is "http:\/\/localhost:\d+", but the authz server there calls itself "http:\/\/127\.0\.0\.1:\d+"/],
  },
  {
    title: 'a clock of 1970',
    config: (config) => config,
    ports: () => ({ clock: () => 12 }),
    expected: () => ['the clock of this machine says 1970-01-01T00:00:12Z, the one of the authz server 20', 'NTP'],
  },
  {
    title: 'a clock an hour ahead',
    config: (config) => config,
    ports: () => ({ clock: () => world.now() + 3600 }),
    expected: () => ['the clock of this machine says 20', 'Set the wrong one'],
  },
  {
    title: 'an issuer where nothing listens',
    config: (config) => withServer({ issuer: `http://127.0.0.1:${closedPort}` })(config),
    expected: () => [`the authz server at http://127.0.0.1:${closedPort} cannot be reached (ECONNREFUSED)`, 'authz_server.issuer'],
  },
  {
    title: 'an issuer whose name has no address',
    config: withServer({ issuer: 'https://authz.invalid' }),
    expected: () => [/the authz server at https:\/\/authz\.invalid cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/],
  },
]

test.each(ROWS)('TR27: $title: the log names both values and the remedy, and the sidecar is not ready', async ({ config, ports, expected }) => {
  const notices: string[] = []
  const data = mkdtempSync(join(directory, 'data-'))
  const base: SidecarConfig = {
    listen: { host: '127.0.0.1', port: await findFreePort() },
    admin: { host: '127.0.0.1', port: 0 },
    public_origin: GUITARS,
    upstream: 'http://127.0.0.1:1',
    authz_server: { issuer: world.issuer, client_id: 'sidecar', key_file: 'unused' },
    data_directory: data,
    feed: { max_age_seconds: 900 },
    limits: { answer_seconds: 5, idle_seconds: 5, request_seconds: 5 },
    routes: [],
  }
  const started = createSidecar(config(base), {
    clock: () => world.now(),
    monotonic: () => performance.now(),
    randomBytes,
    fetch,
    key: world.keys.sidecar,
    files: createDataFiles(data),
    loadPolicy: loadPolicyModule,
    audit: () => true,
    notice: (text) => notices.push(text),
    ...ports?.(),
  })
  sidecar = started
  await started.listen()
  const isNamed = (text: string) => expected().every((part) => (typeof part === 'string' ? text.includes(part) : part.test(text)))
  await until(() => notices.some(isNamed), 15_000).catch(() => expect(notices).toEqual(expected()))
  expect(started.isReady()).toBe(false)
})

test('TR27: the cause is logged although the outage began with another one, and once only', async () => {
  const notices: string[] = []
  let isDown = true
  const data = mkdtempSync(join(directory, 'data-'))
  const started = createSidecar(
    {
      listen: { host: '127.0.0.1', port: await findFreePort() },
      admin: { host: '127.0.0.1', port: 0 },
      public_origin: ALONE,
      upstream: 'http://127.0.0.1:1',
      authz_server: { issuer: world.issuer, client_id: 'sidecar', key_file: 'unused' },
      data_directory: data,
      feed: { max_age_seconds: 900 },
      limits: { answer_seconds: 5, idle_seconds: 5, request_seconds: 5 },
      routes: [],
    },
    {
      clock: () => world.now(),
      monotonic: () => performance.now(),
      randomBytes,
      fetch: (...request) => (isDown ? Promise.reject(Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' })) : fetch(...request)),
      key: world.keys.sidecar,
      files: createDataFiles(data),
      loadPolicy: loadPolicyModule,
      audit: () => true,
      notice: (text) => notices.push(text),
    },
  )
  sidecar = started
  await started.listen()
  await until(() => notices.some((text) => text.includes('ECONNREFUSED')), 10_000)
  isDown = false
  await until(() => notices.some((text) => text.includes(`public_origin is "${ALONE}"`)), 15_000)
  expect(new Set(notices).size).toBe(notices.length)
})
