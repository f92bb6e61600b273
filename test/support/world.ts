// A world for tests: authz server, sidecar and a recording upstream in this process, with people, devices and apps. Time passes only when a client waits.
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOperatorApi, type OperatorApi } from '../../cli/operator-api.ts'
import { type Client, type ClientPorts, createClient, createKey, createMemoryTokenStore, systemPorts } from '../../device/index.ts'
import { ALICE, ALL_DAY, APP_CLIENT_ID, BOB, buildManifest, buildRules, SIDECAR_CLIENT_ID } from '../../examples/dev-world/household.ts'
import { createPerson, type Person } from '../../examples/dev-world/person.ts'
import { type DevWorld, startDevWorld } from '../../examples/dev-world/start-dev-world.ts'
import { startPairing } from '../../examples/dev-world/story/pairing-steps.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import type { Clock } from '../../protocol/time.ts'
import { createRecorder, type Recorder } from './recorder.ts'

export interface WorldOptions {
  /** All programs of the world read this one. The real time, plus what clients waited, if not given. */
  readonly clock?: Clock
  /** What the upstream answers, when it has written the request down. */
  readonly upstream?: RequestListener
}

export interface WorldClient {
  readonly client: Client
  readonly key: SigningKey
}

export interface World {
  readonly issuer: string
  readonly sidecar: string
  readonly sidecarAdmin: string
  readonly upstream: string
  readonly recorder: Recorder
  readonly operator: OperatorApi
  /** Signed in already. */
  readonly alice: Person
  readonly bob: Person
  readonly sidecarClient: { readonly clientId: string; readonly key: SigningKey }
  /** The key that the authz server signs with now. */
  readonly signingKey: () => SigningKey
  readonly dev: DevWorld
  /** Moves the clock of all programs; with a clock of the test's own, the test does that. */
  readonly pass: (seconds: number) => void
  /** Into the registry and activated. */
  importDevice(id: string, thumbprint: string): Promise<void>
  /** Imported, with its key, not yet paired. */
  createDevice(id: string): Promise<WorldClient>
  /** Paired with Alice through the real pages. */
  pairDevice(id: string): Promise<WorldClient>
  /** The app of that person, paired through the real pages. */
  pairApp(person: Person): Promise<WorldClient>
  /** Alice's rules as the story has them, unless told; throws if they are not taken. */
  saveRules(text?: string): Promise<void>
  stop(): Promise<void>
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-world-'))
  const time = { waitedSeconds: 0 }
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000) + Math.floor(time.waitedSeconds))
  const recorder = createRecorder(options.upstream)
  const dev = await startDevWorld({ dataDirectory, clock, upstream: recorder.listener })
  const { authzServer: issuer, sidecar, sidecarAdmin, upstream } = dev.addresses
  const operator = createOperatorApi({ issuer, clientId: dev.operator.clientId, key: dev.keys.keyOf('operator') }, clock)
  const alice = createPerson(issuer, ALICE)
  const bob = createPerson(issuer, BOB)
  await alice.signIn()
  await bob.signIn()

  const ports: ClientPorts = {
    ...systemPorts(),
    clock,
    /** Waiting moves the clock of the whole world instead. */
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted()
      time.waitedSeconds += milliseconds / 1000
      await new Promise((resolve) => setTimeout(resolve, 1))
    },
  }
  const clientOf = (clientId: string, key: SigningKey) =>
    createClient({ issuer, clientId, key, store: createMemoryTokenStore(), resourceServers: [sidecar] }, ports)

  async function importDevice(id: string, thumbprint: string): Promise<void> {
    const text = buildManifest([{ id, thumbprint }])
    await operator.call({ method: 'POST', path: '/registry/devices/import?dry_run=false', body: { type: 'text/csv', text } })
    await operator.call({ method: 'POST', path: `/registry/devices/${id}/activate` })
  }

  async function createDevice(id: string): Promise<WorldClient> {
    const key = createKey()
    await importDevice(id, key.kid)
    return { key, client: clientOf(`device:${id}`, key) }
  }

  async function confirm(person: Person, client: Client, scope?: string): Promise<void> {
    const { code, ended } = await startPairing(client, scope === undefined ? {} : { scope })
    await person.confirm(await person.enterCode(code.userCode))
    const paired = await ended
    if (!paired.ok) throw new Error(`not paired: ${JSON.stringify(paired.error)}`)
  }

  return {
    issuer,
    sidecar,
    sidecarAdmin,
    upstream,
    recorder,
    operator,
    alice,
    bob,
    dev,
    sidecarClient: { clientId: SIDECAR_CLIENT_ID, key: dev.keys.keyOf('sidecar') },
    signingKey: () => dev.authzServer.server.context.keyring.active(),
    pass: (seconds) => {
      time.waitedSeconds += seconds
    },
    importDevice,
    createDevice,
    async pairDevice(id) {
      const device = await createDevice(id)
      await confirm(alice, device.client)
      return device
    },
    async pairApp(person) {
      const key = createKey()
      const client = clientOf(APP_CLIENT_ID, key)
      await confirm(person, client, 'openid')
      return { key, client }
    },
    async saveRules(text = buildRules(ALL_DAY)) {
      const page = await alice.saveRules(text)
      if (page.status >= 400) throw new Error(`the rules were not saved: ${page.html}`)
    },
    async stop() {
      await dev.stop()
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
}
