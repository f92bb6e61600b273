// An authz server on a port of its own with a clock that tests move, people and things in it. Everything it starts is ended by `close`.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { createAuthzServer, type Parts } from '../../authz-server/authz-server.ts'
import type { AuthzServerConfig, Client, DeviceType } from '../../authz-server/config/config.ts'
import type { Context } from '../../authz-server/context.ts'
import { addPerson } from '../../authz-server/people/add-person.ts'
import type { Log } from '../../authz-server/ports.ts'
import { savePolicy } from '../../authz-server/sharing/save-policy.ts'
import { createLibsqlDialect } from '../../authz-server/store/libsql-dialect.ts'
import type { Schema } from '../../authz-server/store/schema.ts'
import { openSqliteStore } from '../../authz-server/store/store.ts'
import { createKeyring } from '../../authz-server/tokens/keyring.ts'
import { openRequest } from '../../authz-server/uma/open-request.ts'
import { createProvingFetch, type ProvingFetch } from '../../protocol/dpop/proving-fetch.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import type { DeviceAuthorizationResponse } from '../../protocol/oauth/messages.ts'
import { generateSigningKey } from '../../system/generate-key.ts'

/** No window of a limit is longer. */
const LIMITS_END_AFTER_SECONDS = 900
/** A Monday, 10:00 in Paris. */
export const START = Date.parse('2026-11-23T09:00:00Z') / 1000
export const PASSWORD = 'a test pass phrase'
export const RESOURCE_SERVER = 'http://127.0.0.1:9090'
export const OTHER_RESOURCE_SERVER = 'http://127.0.0.1:9095'

const DEVICE_TYPE: DeviceType = {
  kind: 'smart-guitar',
  resource_server: RESOURCE_SERVER,
  resources: [{ key: '{device}', name: 'Guitar {device}', type: 'smart-guitar', tags: ['studio'], scopes: ['read', 'play', 'diagnose'] }],
}

export interface LoggedEvent {
  readonly level: keyof Log
  readonly event: string
  readonly facts: Readonly<Record<string, unknown>>
}

export interface Thing {
  readonly id: string
  readonly key: string
  readonly owner: string
  readonly scopes?: readonly string[]
  readonly resourceServer?: string
  readonly name?: string
}

export interface AuthzWorld {
  readonly origin: string
  readonly context: Context
  readonly log: readonly LoggedEvent[]
  now(): number
  advance(seconds: number): void
  /** The id. */
  person(email: string, displayName?: string): Promise<string>
  thing(thing: Thing): Promise<void>
  /** Registered and active; the key that speaks for it. */
  device(id: string, model?: string): Promise<SigningKey>
  /** What the token endpoints of the pairing answer: the device or app asks, a person has yet to decide. */
  startPairing(clientId: string, key: SigningKey, scope?: string, headers?: Readonly<Record<string, string>>): Promise<DeviceAuthorizationResponse>
  moveThing(id: string, owner: string): Promise<void>
  /** As in a database that was made before revocations were recorded. */
  forgetWhoRevoked(deviceId: string): Promise<void>
  /** Saves on top of what is there; the new revision. */
  rules(owner: string, text: string): Promise<number>
  provingFetch(key: SigningKey): ProvingFetch
  /** A fault of the store: the owner's newest artifact is gone. */
  breakArtifactOf(owner: string): Promise<void>
  /** A request that waits in the owner's inbox. */
  ask(wish: {
    readonly owner: string
    readonly requester: { readonly id: string; readonly email: string }
    readonly resourceId: string
    readonly scopes: readonly string[]
  }): Promise<void>
  /** Empties the store and sets the clock back: cheaper than a new world, whose compiler would have to start. */
  reset(): Promise<void>
  /** As `reset`, but a quarter of an hour later than before: by then the limits, which live in memory, have ended. */
  resetWithLimits(): Promise<void>
  close(): Promise<void>
}

/** Those that refer to others first. */
const TABLES = [
  'device_history',
  'password_resets',
  'sessions',
  'tickets',
  'access_requests',
  'policies',
  'policy_versions',
  'artifacts',
  'feed_log',
  'revocations',
  'refresh_tokens',
  'grants',
  'pairings',
  'resources',
  'devices',
  'people',
] as const

export function newKey(): SigningKey {
  return generateSigningKey()
}

const client = (client_id: string, scopes: readonly string[], name = client_id): Client => ({ client_id, name, authentication: 'none', scopes })

export async function startAuthzWorld(changes: Partial<AuthzServerConfig> = {}, parts: Pick<Parts, 'rulesThreads'> = {}): Promise<AuthzWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-world-'))
  const file = join(directory, 'latchkey.db')
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  let now = START
  /** Never goes back, however the clock is set. */
  let elapsed = 0
  const log: LoggedEvent[] = []
  const note =
    (level: keyof Log) =>
    (event: string, facts: Readonly<Record<string, unknown>> = {}) =>
      void log.push({ level, event, facts })
  const store = await openSqliteStore(file)
  const keyring = createKeyring({ load: () => undefined, save: () => undefined }, newKey)
  const config: AuthzServerConfig = {
    issuer: origin,
    listen: { host: '127.0.0.1', port },
    data_directory: directory,
    resource_servers: [
      { id: RESOURCE_SERVER, name: 'Guitars', client_id: 'sidecar-1' },
      { id: OTHER_RESOURCE_SERVER, name: 'Drums', client_id: 'sidecar-2' },
    ],
    clients: [
      client('band-app', ['openid'], 'Band app'),
      client('other-app', ['openid']),
      client('sidecar-1', ['uma_protection']),
      client('sidecar-2', ['uma_protection']),
    ],
    device_types: [DEVICE_TYPE],
    ...changes,
  }
  const ports = {
    clock: () => now,
    monotonic: () => elapsed * 1000,
    randomBytes: (count: number) => randomBytes(count),
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
  }
  const server = createAuthzServer(config, ports, { store, keyring, ...parts })
  await server.listen()
  const { context } = server
  const fixtures = new Kysely<Schema>({ dialect: createLibsqlDialect({ file, readonly: false }) })

  async function reset(): Promise<void> {
    for (const table of TABLES) await fixtures.deleteFrom(table).execute()
    now = START
  }

  return {
    origin,
    context,
    log,
    now: () => now,
    advance: (seconds) => {
      now += seconds
      elapsed += Math.max(0, seconds)
    },
    async person(email, displayName = email.split('@', 1)[0] ?? email) {
      const added = await addPerson(context, { email, displayName, password: PASSWORD, emailVerified: true }, now)
      if (!added.ok) throw new Error(added.error)
      return added.value
    },
    async thing({ id, key, owner, scopes = ['read', 'play', 'diagnose'], resourceServer = RESOURCE_SERVER, name = `Guitar ${key}` }) {
      const row = {
        id,
        resource_server: resourceServer,
        key,
        name,
        type: 'smart-guitar',
        tags: '["studio"]',
        scopes: JSON.stringify(scopes),
        owner,
        device_id: null,
      }
      await fixtures
        .insertInto('resources')
        .values({ ...row, created_at: now })
        .execute()
    },
    async device(id, model = 'Nightingale S') {
      const key = newKey()
      await store.transaction(async ({ devices }) => {
        await devices.add({ id, kind: 'smart-guitar', model, jkt: key.kid }, now)
        await devices.activate(id, now)
      })
      return key
    },
    async startPairing(clientId, key, scope, headers = {}) {
      const proving = createProvingFetch(key, { fetch, clock: () => now, randomBytes: (count) => randomBytes(count) })
      const body = new URLSearchParams({ client_id: clientId, ...(scope === undefined ? {} : { scope }) })
      const response = await proving(`${origin}/device_authorization`, { method: 'POST', body, headers })
      if (response.status !== 200) throw new Error(`no pairing: ${response.status} ${await response.text()}`)
      return (await response.json()) as DeviceAuthorizationResponse
    },
    async moveThing(id, owner) {
      await fixtures.updateTable('resources').set({ owner }).where('id', '=', id).execute()
    },
    async forgetWhoRevoked(deviceId) {
      await fixtures.updateTable('devices').set({ revoked_by: null }).where('id', '=', deviceId).execute()
    },
    async rules(owner, text) {
      const before = await store.read.policies.find(owner)
      const saved = await savePolicy(context, { owner, text, fromRevision: before?.revision ?? 0 }, now)
      if (!saved.ok) throw new Error(JSON.stringify(saved.error))
      return saved.value
    },
    provingFetch: (key) => createProvingFetch(key, { fetch, clock: () => now, randomBytes: (count) => randomBytes(count) }),
    async breakArtifactOf(owner) {
      await fixtures.updateTable('policies').set({ artifact: 'gone' }).where('owner', '=', owner).execute()
    },
    async ask({ owner, requester, resourceId, scopes }) {
      const wish = { owner, requester: requester.id, requesterEmail: requester.email, clientId: 'band-app', resourceId, scopes, reasons: [] }
      await store.transaction(({ accessRequests }) => openRequest(context, { requests: accessRequests, wish }, now))
    },
    reset,
    async resetWithLimits() {
      const before = now
      await reset()
      now = before + LIMITS_END_AFTER_SECONDS
      elapsed += LIMITS_END_AFTER_SECONDS
    },
    async close() {
      await server.close()
      await fixtures.destroy()
      await store.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** The issuer is part of the configuration, so the port must be known before the server is made. */
function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
