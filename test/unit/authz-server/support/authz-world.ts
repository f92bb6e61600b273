// A real authz server in this process, on a free port of the loopback, with its own clock, database, people, devices and clients.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthzServer, createAuthzServer } from '../../../../authz-server/authz-server.ts'
import type { AuthzServerConfig } from '../../../../authz-server/config/config.ts'
import { decidePairing } from '../../../../authz-server/pairing/decide-pairing.ts'
import { lookUpCode } from '../../../../authz-server/pairing/look-up-code.ts'
import { openSqliteStore } from '../../../../authz-server/store/store.ts'
import { createKeyring, type Keyring } from '../../../../authz-server/tokens/keyring.ts'
import { createProvingFetch, type ProvingFetch } from '../../../../protocol/dpop/proving-fetch.ts'
import type { PublicJwk } from '../../../../protocol/jwk.ts'
import { type SigningKey, signJws } from '../../../../protocol/jws.ts'
import { CLIENT_ASSERTION_JWT_TYPE, CLIENT_ASSERTION_TYPE, GRANT_TYPES } from '../../../../protocol/oauth/messages.ts'
import { generateSigningKey } from '../../../../system/generate-key.ts'

export const GUITARS = 'https://guitars.example.test'
export const AMPS = 'https://amps.example.test'

export interface Called {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export interface Paired {
  readonly deviceCode: string
  readonly userCode: string
}

export interface AuthzWorld {
  readonly issuer: string
  readonly server: AuthzServer
  readonly keyring: Keyring
  readonly keys: { readonly operator: SigningKey; readonly sidecar: SigningKey; readonly amps: SigningKey }
  /** Every line the server logged. */
  readonly log: readonly { readonly level: string; readonly event: string; readonly facts: Readonly<Record<string, unknown>> }[]
  readonly directory: string
  now(): number
  /** Lets time pass, on the wall clock and on the monotonic one. */
  pass(seconds: number): void
  /** Sets the wall clock ahead or back, while no time passes. */
  stepClock(seconds: number): void
  provingFetch(key: SigningKey): ProvingFetch
  post(fetch: ProvingFetch, path: string, form: Readonly<Record<string, string>>): Promise<Called>
  addPerson(id: string): Promise<string>
  /** In the registry and active. */
  addDevice(
    id: string,
    options?: { readonly kind?: string; readonly key?: SigningKey },
  ): Promise<{ readonly key: SigningKey; readonly fetch: ProvingFetch; readonly clientId: string }>
  start(fetch: ProvingFetch, clientId: string, scope?: string): Promise<Paired>
  poll(fetch: ProvingFetch, clientId: string, deviceCode: string): Promise<Called>
  decide(userCode: string, personId: string, decision?: 'approve' | 'deny'): Promise<string>
  /** The whole way: start, approve, poll. */
  pair(fetch: ProvingFetch, clientId: string, personId: string): Promise<Called>
  refresh(fetch: ProvingFetch, clientId: string, refreshToken: string): Promise<Called>
  serviceToken(clientId: 'operator' | 'sidecar' | 'amps', scope: string): Promise<{ readonly token: string; readonly fetch: ProvingFetch }>
  /** A call with a service token: method, path, body. */
  call(
    as: 'operator' | 'sidecar' | 'amps',
    scope: string,
    path: string,
    request?: { readonly method?: string; readonly type?: string; readonly body?: string },
  ): Promise<Called>
  close(): Promise<void>
}

export function generateKey(): SigningKey {
  return generateSigningKey()
}

export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export function buildAssertion(key: SigningKey, claims: Readonly<Record<string, unknown>>, typ: string = CLIENT_ASSERTION_JWT_TYPE): string {
  return signJws(key, { typ, payload: claims })
}

export function buildConfig(issuer: string, directory: string, keys: AuthzWorld['keys']): AuthzServerConfig {
  const service = (client_id: string, jwk: PublicJwk, scopes: readonly string[]) =>
    ({ client_id, name: client_id, authentication: 'private_key_jwt', jwk, scopes }) as const
  return {
    issuer,
    listen: { host: '127.0.0.1', port: Number(new URL(issuer).port) },
    data_directory: directory,
    resource_servers: [
      { id: GUITARS, name: 'Guitars', client_id: 'sidecar' },
      { id: AMPS, name: 'Amps', client_id: 'amps' },
    ],
    clients: [
      { client_id: 'app', name: 'Band app', authentication: 'none', scopes: ['openid', 'read'] },
      { client_id: 'other-app', name: 'Other app', authentication: 'none', scopes: ['openid'] },
      service('operator', keys.operator.jwk, ['registry']),
      service('sidecar', keys.sidecar.jwk, ['uma_protection', 'feed']),
      service('amps', keys.amps.jwk, ['uma_protection', 'feed']),
    ],
    device_types: [
      {
        kind: 'guitar',
        resource_server: GUITARS,
        resources: [{ key: '{device}', name: 'Guitar {device}', type: 'smart-guitar', tags: ['studio'], scopes: ['read', 'play'] }],
      },
      { kind: 'amp', resource_server: AMPS, resources: [{ key: '{device}', name: 'Amp {device}', type: 'amp', tags: [], scopes: ['read', 'volume'] }] },
    ],
  }
}

/** `change` alters the configuration before the server is made from it. */
export async function startAuthzWorld(change: (config: AuthzServerConfig) => AuthzServerConfig = (config) => config): Promise<AuthzWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-authz-'))
  const keys = { operator: generateKey(), sidecar: generateKey(), amps: generateKey() }
  const issuer = `http://127.0.0.1:${await findFreePort()}`
  const store = await openSqliteStore(join(directory, 'authz-server.db'))
  const keyring = createKeyring({ load: () => undefined, save: () => {} }, generateKey)
  const started = Math.floor(Date.now() / 1000)
  let passed = 0
  /** Never goes back, however the clock is set. */
  let elapsed = 0
  const log: { level: string; event: string; facts: Readonly<Record<string, unknown>> }[] = []
  const note =
    (level: string) =>
    (event: string, facts: Readonly<Record<string, unknown>> = {}) =>
      void log.push({ level, event, facts })
  const clock = () => started + passed
  const ports = {
    clock,
    monotonic: () => elapsed * 1000,
    randomBytes: (count: number) => randomBytes(count),
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
  }
  const server = createAuthzServer(change(buildConfig(issuer, directory, keys)), ports, { store, keyring })
  await server.listen()
  const context = server.context

  const world: AuthzWorld = {
    issuer,
    server,
    keyring,
    keys,
    log,
    directory,
    now: clock,
    pass: (seconds) => {
      passed += seconds
      elapsed += Math.max(0, seconds)
    },
    stepClock: (seconds) => {
      passed += seconds
    },
    provingFetch: (key) => createProvingFetch(key, { fetch, clock, randomBytes: (count) => randomBytes(count) }),
    async post(provingFetch, path, form) {
      return read(await provingFetch(issuer + path, { method: 'POST', body: new URLSearchParams(form) }))
    },
    async addPerson(id) {
      const person = { id, email: `${id}@example.test`, displayName: id, passwordHash: 'none', emailVerified: true, createdAt: clock() }
      await context.store.transaction(({ people }) => people.add(person))
      return id
    },
    async addDevice(id, { kind = 'guitar', key = generateKey() } = {}) {
      await context.store.transaction(async ({ devices }) => {
        await devices.add({ id, kind, model: `Model ${kind}`, jkt: key.kid }, clock())
        await devices.activate(id, clock())
      })
      return { key, fetch: world.provingFetch(key), clientId: `device:${id}` }
    },
    async start(provingFetch, clientId, scope) {
      const { status, body } = await world.post(provingFetch, '/device_authorization', { client_id: clientId, ...(scope === undefined ? {} : { scope }) })
      if (status !== 200) throw new Error(`pairing could not start: ${JSON.stringify(body)}`)
      return { deviceCode: String(body['device_code']), userCode: String(body['user_code']) }
    },
    poll: (provingFetch, clientId, deviceCode) =>
      world.post(provingFetch, '/token', { grant_type: GRANT_TYPES.deviceCode, client_id: clientId, device_code: deviceCode }),
    async decide(userCode, personId, decision = 'approve') {
      const found = await lookUpCode(context, { userCode, personId, sessionKey: `session-${personId}`, address: '192.0.2.1' }, clock())
      if (!found.ok) return found.error.reason
      const decided = await decidePairing(context, { pairingId: found.value.id, personId, decision }, clock())
      return decided.ok ? 'ok' : decided.error
    },
    async pair(provingFetch, clientId, personId) {
      const { userCode, deviceCode } = await world.start(provingFetch, clientId)
      const decided = await world.decide(userCode, personId)
      if (decided !== 'ok') throw new Error(`pairing was refused: ${decided}`)
      return world.poll(provingFetch, clientId, deviceCode)
    },
    refresh: (provingFetch, clientId, refreshToken) =>
      world.post(provingFetch, '/token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken }),
    async serviceToken(clientId, scope) {
      const provingFetch = world.provingFetch(keys[clientId])
      const now = clock()
      const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 60, jti: randomBytes(16).toString('hex') }
      const { status, body } = await world.post(provingFetch, '/token', {
        grant_type: 'client_credentials',
        scope,
        client_assertion_type: CLIENT_ASSERTION_TYPE,
        client_assertion: buildAssertion(keys[clientId], claims),
      })
      if (status !== 200) throw new Error(`no service token: ${JSON.stringify(body)}`)
      return { token: String(body['access_token']), fetch: provingFetch }
    },
    async call(as, scope, path, { method = 'GET', type, body } = {}) {
      const { token, fetch: provingFetch } = await world.serviceToken(as, scope)
      const headers = type === undefined ? {} : { 'content-type': type }
      return read(await provingFetch(issuer + path, { method, accessToken: token, headers, ...(body === undefined ? {} : { body }) }))
    },
    async close() {
      await server.close()
      await store.close()
      rmSync(directory, { recursive: true })
    },
  }
  return world
}

async function read(response: Response): Promise<Called> {
  const text = await response.text()
  let body: Record<string, unknown> = {}
  try {
    body = JSON.parse(text) as Record<string, unknown>
  } catch {
    body = { text }
  }
  return { status: response.status, headers: response.headers, body }
}

/** The payload of a JWS, unverified. */
export function payloadOf(jws: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(jws).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
