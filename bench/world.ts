// What a comparison with the real sidecar needs: an authz server here, the sidecar in a process of its own, a paired device and Alice, on loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createOperatorApi } from '../cli/operator-api.ts'
import { type Client, createClient, createMemoryTokenStore, systemPorts } from '../device/index.ts'
import { openDevKeys } from '../examples/dev-world/dev-keys.ts'
import { ALICE, buildManifest, GUITAR_CLIENT_ID, GUITAR_ID, OPERATOR_CLIENT_ID, ROUTES, SIDECAR_CLIENT_ID } from '../examples/dev-world/household.ts'
import { findFreePorts, LOOPBACK } from '../examples/dev-world/listen.ts'
import { createPerson, type Person } from '../examples/dev-world/person.ts'
import { fetchNonce } from '../examples/dev-world/raw-calls.ts'
import { startDevAuthzServer } from '../examples/dev-world/start-authz-server.ts'
import { startPairing } from '../examples/dev-world/story/pairing-steps.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { type Child, startChild } from './processes.ts'

const CLI = join(import.meta.dirname, '..', 'cli', 'main.js')
const READY_MILLISECONDS = 10_000

export interface PairedCaller {
  readonly key: SigningKey
  readonly uri: string
  readonly path: string
  /** A token in its lifetime and a nonce that lives for another minute. */
  freshen(): Promise<{ readonly accessToken: string; readonly nonce: string }>
}

export interface ProtectedWorld {
  readonly sidecar: string
  readonly issuer: string
  /** Signed in. */
  readonly alice: Person
  readonly caller: PairedCaller
  stop(): Promise<void>
}

export async function startProtectedWorld(upstream: string): Promise<ProtectedWorld> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const [port = 0, sidecarPort = 0, adminPort = 0] = await findFreePorts(3)
  const sidecar = `http://${LOOPBACK}:${sidecarPort}`
  const keys = openDevKeys(dataDirectory)
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const time = { clock: () => Math.floor(Date.now() / 1000), monotonic: () => performance.now() }
  const authzServer = await startDevAuthzServer({ dataDirectory, port, resourceServer: sidecar, keys, ...time, log })
  const issuer = authzServer.origin
  const config = join(dataDirectory, 'sidecar.yaml')
  writeFileSync(
    config,
    stringify({
      listen: { host: LOOPBACK, port: sidecarPort },
      admin: { host: LOOPBACK, port: adminPort },
      public_origin: sidecar,
      upstream,
      authz_server: { issuer, client_id: SIDECAR_CLIENT_ID, key_file: keys.fileOf('sidecar') },
      data_directory: join(dataDirectory, 'sidecar'),
      routes: ROUTES,
    }),
  )
  const child: Child = await startChild(CLI, ['sidecar', config, '--json'])
  await waitUntilReady(`http://${LOOPBACK}:${adminPort}/readyz`)
  const alice = createPerson(issuer, ALICE)
  await alice.signIn()
  const guitarKey = keys.keyOf('guitar')
  const operator = createOperatorApi({ issuer, clientId: OPERATOR_CLIENT_ID, key: keys.keyOf('operator') })
  const manifest = buildManifest([{ id: GUITAR_ID, thumbprint: guitarKey.kid }])
  await operator.call({ method: 'POST', path: '/registry/devices/import?dry_run=false', body: { type: 'text/csv', text: manifest } })
  await operator.call({ method: 'POST', path: `/registry/devices/${GUITAR_ID}/activate` })
  const client = createClient(
    { issuer, clientId: GUITAR_CLIENT_ID, key: guitarKey, store: createMemoryTokenStore(), resourceServers: [sidecar] },
    systemPorts(),
  )
  const { code, ended } = await startPairing(client)
  await alice.confirm(await alice.enterCode(code.userCode))
  const paired = await ended
  if (!paired.ok) throw new Error(`the device of the bench was not paired: ${paired.error.reason}`)
  return {
    sidecar,
    issuer,
    alice,
    caller: buildCaller(client, guitarKey, sidecar),
    async stop() {
      child.end()
      await authzServer.close()
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
}

function buildCaller(client: Client, key: SigningKey, sidecar: string): PairedCaller {
  const path = `/guitars/${GUITAR_ID}/tuning`
  const uri = sidecar + path
  return {
    key,
    uri,
    path,
    async freshen() {
      const { access_token: accessToken } = await client.tokens()
      const nonce = await fetchNonce(key, { uri, accessToken })
      if (nonce === undefined) throw new Error('the sidecar offered no nonce')
      return { accessToken, nonce }
    },
  }
}

async function waitUntilReady(uri: string): Promise<void> {
  const end = performance.now() + READY_MILLISECONDS
  while (performance.now() < end) {
    const answer = await fetch(uri).catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the sidecar of the bench did not become ready')
}
