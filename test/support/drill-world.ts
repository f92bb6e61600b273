// The restore drill's world: an authz server and two sidecars as processes of their own, with people, things and an app, all through the real command and pages.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createOperatorApi } from '../../cli/operator-api.ts'
import { type Client, type ClientPorts, createClient, createKey, createMemoryTokenStore, systemPorts } from '../../device/index.ts'
import { createKeyFile } from '../../device/key-file.ts'
import { findFreePorts } from '../../examples/dev-world/listen.ts'
import { createPerson, type Person } from '../../examples/dev-world/person.ts'
import { startPairing } from '../../examples/dev-world/story/pairing-steps.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import { type ProcessEnd, type RunningLatchkey, runLatchkey, startLatchkey } from '../e2e/run-latchkey.ts'

export const ALICE = { email: 'alice@example.test', displayName: 'Alice', password: 'demo-only-alice-drills' }
export const BOB = { email: 'bob@example.test', displayName: 'Bob', password: 'demo-only-bob-drills' }

/** A process that is started and stopped again and again; its output is kept. */
export interface DrillProcess {
  start(): Promise<void>
  /** SIGTERM; waits for the end. */
  stop(): Promise<void>
  output(): string
}

export interface DrillWorld {
  readonly directory: string
  readonly dataDirectory: string
  readonly configFile: string
  readonly authzServer: DrillProcess
  readonly sidecars: readonly [guitars: DrillProcess, amps: DrillProcess]
  /** Writes another configuration that differs in its data directory alone; the authz server starts from it from then on. */
  moveTo(name: string): string
  latchkey(...args: readonly string[]): Promise<ProcessEnd>
  saveRules(text: string): Promise<void>
  /** What Bob's app gets at the guitar's and at the amp's API: `allowed`, `refused` (with the token of before, or without one), or a status. */
  callAsBob(): Promise<readonly string[]>
  close(): Promise<void>
}

export async function startDrillWorld(): Promise<DrillWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-drill-'))
  const upstream = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const upstreamOrigin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const ports = await findFreePorts(5)
  const at = (index: number) => `http://127.0.0.1:${ports[index]}`
  const issuer = at(0)
  const origins = [at(1), at(2)] as const
  const keys = { operator: keyIn(directory, 'operator'), guitars: keyIn(directory, 'guitars'), amps: keyIn(directory, 'amps') }
  let configFile = ''

  function writeConfig(name: string): string {
    configFile = join(directory, `authz-${name}.yaml`)
    writeFileSync(
      configFile,
      stringify(buildAuthzConfig({ issuer, port: ports[0] ?? 0, origins, keys, dataDirectory: `./data-${name}` }), { aliasDuplicateObjects: false }),
    )
    return join(directory, `data-${name}`)
  }

  const dataDirectory = writeConfig('first')
  const sidecarFiles = (['guitars', 'amps'] as const).map((name, index) => {
    const file = join(directory, `${name}.yaml`)
    const listen = { host: '127.0.0.1', port: ports[index + 1] }
    const admin = { host: '127.0.0.1', port: ports[index + 3] }
    const authzServer = { issuer, client_id: name, key_file: `./${name}.key.json` }
    const routes = [{ method: 'GET', path: '/things/{id}', resource: '{id}', scope: 'read' }]
    const text = { listen, admin, public_origin: origins[index], upstream: upstreamOrigin, authz_server: authzServer, data_directory: `./${name}-data`, routes }
    writeFileSync(file, stringify(text))
    return file
  })
  const authzServer = createProcess(() => ['authz-server', configFile, '--json'])
  const sidecars = sidecarFiles.map((file) => createProcess(() => ['sidecar', file, '--json'])) as unknown as DrillWorld['sidecars']

  async function close(): Promise<void> {
    await Promise.all([authzServer, ...sidecars].map((running) => running.stop()))
    upstream.closeAllConnections()
    upstream.close()
    rmSync(directory, { recursive: true, force: true })
  }

  try {
    await authzServer.start()
    await Promise.all(sidecars.map((sidecar) => sidecar.start()))
    const operator = createOperatorApi({ issuer, clientId: 'operator', key: keys.operator })
    for (const { email, displayName, password } of [ALICE, BOB]) {
      const body = { email, display_name: displayName, password, email_verified: true }
      await operator.call({ method: 'POST', path: '/registry/people', body: { type: 'application/json', text: JSON.stringify(body) } })
    }
    const alice = createPerson(issuer, ALICE)
    const bob = createPerson(issuer, BOB)
    await alice.signIn()
    await bob.signIn()
    for (const [id, kind] of [['guitar-1', 'guitar'] as const, ['amp-1', 'amp'] as const]) {
      const key = createKey()
      const text = `id,kind,model,jkt\n${id},${kind},Model,${key.kid}\n`
      await operator.call({ method: 'POST', path: '/registry/devices/import?dry_run=false', body: { type: 'text/csv', text } })
      await operator.call({ method: 'POST', path: `/registry/devices/${id}/activate` })
      await pair(alice, clientOf({ issuer, clientId: `device:${id}`, key, origins }))
    }
    const app = clientOf({ issuer, clientId: 'app', key: createKey(), origins })
    await pair(bob, app, 'openid')
    return {
      directory,
      dataDirectory,
      get configFile() {
        return configFile
      },
      authzServer,
      sidecars,
      moveTo: writeConfig,
      latchkey: runLatchkey,
      async saveRules(text) {
        // A restored database may not know the session any more.
        const owner = createPerson(issuer, ALICE)
        await owner.signIn()
        const page = await owner.saveRules(text)
        if (page.status >= 400) throw new Error(`the rules were not saved: ${page.html}`)
      },
      callAsBob: () => Promise.all([callOnce(app, `${origins[0]}/things/guitar-1`), callOnce(app, `${origins[1]}/things/amp-1`)]),
      close,
    }
  } catch (error) {
    const output = [authzServer, ...sidecars].map((running) => running.output()).join('\n')
    await close()
    throw new Error(`the world did not start: ${output.slice(-3000)}`, { cause: error })
  }
}

function keyIn(directory: string, name: string): SigningKey {
  const key = createKeyFile(join(directory, `${name}.key.json`))
  if (!key.ok) throw new Error(key.error)
  return key.value
}

interface AuthzConfigFacts {
  readonly issuer: string
  readonly port: number
  readonly origins: readonly [string, string]
  readonly keys: Readonly<Record<'operator' | 'guitars' | 'amps', SigningKey>>
  readonly dataDirectory: string
}

function buildAuthzConfig({ issuer, port, origins, keys, dataDirectory }: AuthzConfigFacts): object {
  const service = (client_id: 'operator' | 'guitars' | 'amps', scopes: readonly string[]) => {
    const { jwk } = keys[client_id]
    return { client_id, name: client_id, authentication: 'private_key_jwt', jwk, scopes }
  }
  const resource = { key: '{device}', name: '{device}', type: 'thing', tags: [], scopes: ['read'] }
  return {
    issuer,
    listen: { host: '127.0.0.1', port },
    data_directory: dataDirectory,
    resource_servers: [
      { id: origins[0], name: 'Guitars', client_id: 'guitars' },
      { id: origins[1], name: 'Amps', client_id: 'amps' },
    ],
    clients: [
      { client_id: 'app', name: 'App', authentication: 'none', scopes: ['openid', 'read'] },
      service('operator', ['registry']),
      service('guitars', ['uma_protection', 'feed']),
      service('amps', ['uma_protection', 'feed']),
    ],
    device_types: [
      { kind: 'guitar', resource_server: origins[0], resources: [resource] },
      { kind: 'amp', resource_server: origins[1], resources: [resource] },
    ],
  }
}

function createProcess(args: () => readonly string[]): DrillProcess {
  let running: RunningLatchkey | undefined
  let output = ''
  return {
    async start() {
      running = startLatchkey(args())
      for (const stream of [running.child.stdout, running.child.stderr]) stream?.on('data', (text: string) => (output += text))
      const line = await running.firstLine
      if (running.child.exitCode !== null) throw new Error(`${args().join(' ')} ended: ${output.slice(-2000)} ${line}`)
    },
    async stop() {
      const ending = running?.child
      running = undefined
      if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
      const ended = once(ending, 'exit')
      ending.kill('SIGTERM')
      await ended
    },
    output: () => output,
  }
}

/** Waits a twentieth of what it is asked to: an answer that was given is never delayed by the server. */
const PORTS: ClientPorts = { ...systemPorts(), sleep: (milliseconds, signal) => systemPorts().sleep(milliseconds / 20, signal) }

function clientOf(facts: { readonly issuer: string; readonly clientId: string; readonly key: SigningKey; readonly origins: readonly string[] }): Client {
  const { issuer, clientId, key, origins } = facts
  return createClient({ issuer, clientId, key, store: createMemoryTokenStore(), resourceServers: [...origins] }, PORTS)
}

async function pair(person: Person, client: Client, scope?: string): Promise<void> {
  const { code, ended } = await startPairing(client, scope === undefined ? {} : { scope })
  await person.confirm(await person.enterCode(code.userCode))
  const paired = await ended
  if (!paired.ok) throw new Error(`not paired: ${JSON.stringify(paired.error)}`)
}

async function callOnce(app: Client, uri: string): Promise<string> {
  const answer = await app.requestAccess({ uri, patienceSeconds: 5 })
  if (!answer.ok) return answer.error.reason === 'denied' ? 'refused' : answer.error.reason
  await answer.value.body?.cancel()
  const { status } = answer.value
  return status === 200 ? 'allowed' : status === 403 ? 'refused' : String(status)
}
