// The authz server of the dev world: its configuration, its accounts, its database in the data directory.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type AuthzServer, createAuthzServer } from '../../authz-server/authz-server.ts'
import type { AuthzServerConfig, Client } from '../../authz-server/config/config.ts'
import { createFileKeyStorage, openSecretFile } from '../../authz-server/config/key-storage.ts'
import { addPerson } from '../../authz-server/people/add-person.ts'
import type { Log } from '../../authz-server/ports.ts'
import { openSqliteStore } from '../../authz-server/store/store.ts'
import { generateSigningKey } from '../../authz-server/tokens/generate-signing-key.ts'
import { createKeyring } from '../../authz-server/tokens/keyring.ts'
import type { Clock } from '../../protocol/time.ts'
import type { DevKeys } from './dev-keys.ts'
import { BAND_APP, DEMO_PEOPLE, type DemoPerson, GUITAR_TYPE, GUITARS_API, OPERATOR_CLIENT_ID, SIDECAR_CLIENT_ID } from './household.ts'
import { LOOPBACK } from './listen.ts'

export interface DevAuthzServerOptions {
  readonly dataDirectory: string
  readonly port: number
  /** The sidecar's origin: the identifier of the resource server. */
  readonly resourceServer: string
  readonly keys: DevKeys
  readonly clock: Clock
  readonly monotonic: () => number
  readonly log: Log
}

export interface DevAuthzServer {
  readonly server: AuthzServer
  readonly origin: string
  /** True if the accounts were made now, so nobody has rules yet. */
  readonly isNew: boolean
  close(): Promise<void>
}

export async function startDevAuthzServer(options: DevAuthzServerOptions): Promise<DevAuthzServer> {
  const config = buildConfig(options)
  mkdirSync(config.data_directory, { recursive: true, mode: 0o700 })
  const store = await openSqliteStore(join(config.data_directory, 'authz-server.db'))
  const keyring = createKeyring(createFileKeyStorage(config.data_directory), generateSigningKey)
  const codeKey = openSecretFile(config.data_directory, 'user-code-key', randomBytes)
  const ports = { clock: options.clock, monotonic: options.monotonic, randomBytes: (count: number) => randomBytes(count), log: options.log }
  const server = createAuthzServer(config, ports, { store, keyring, codeKey })
  const added = await Promise.all(DEMO_PEOPLE.map((person) => addDemoPerson(server, person, options.clock)))
  await server.listen()
  return {
    server,
    origin: config.issuer,
    isNew: added.some(Boolean),
    async close() {
      await server.close()
      await store.close()
    },
  }
}

function buildConfig({ dataDirectory, port, resourceServer, keys }: DevAuthzServerOptions): AuthzServerConfig {
  return {
    issuer: `http://${LOOPBACK}:${port}`,
    listen: { host: LOOPBACK, port },
    data_directory: join(dataDirectory, 'authz-server'),
    resource_servers: [GUITARS_API(resourceServer)],
    clients: [
      BAND_APP,
      buildServiceClient(OPERATOR_CLIENT_ID, 'Operator', keys.keyOf('operator').jwk, ['registry']),
      buildServiceClient(SIDECAR_CLIENT_ID, 'Sidecar', keys.keyOf('sidecar').jwk, ['uma_protection', 'feed']),
    ],
    device_types: [GUITAR_TYPE(resourceServer)],
  }
}

function buildServiceClient(clientId: string, name: string, jwk: NonNullable<Client['jwk']>, scopes: readonly string[]): Client {
  return { client_id: clientId, name, authentication: 'private_key_jwt', jwk, scopes }
}

/** False if the account was there already. */
async function addDemoPerson(server: AuthzServer, person: DemoPerson, clock: Clock): Promise<boolean> {
  const added = await addPerson(server.context, { ...person, emailVerified: true }, clock())
  if (!added.ok && added.error !== 'email_taken') throw new Error(`the account of ${person.displayName} could not be created: ${added.error}`)
  return added.ok
}
