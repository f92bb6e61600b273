// Starts everything of the dev world in one process, on loopback alone, in the order in which each needs the other; stops it in the opposite one.
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Log } from '../../authz-server/ports.ts'
import type { Clock } from '../../protocol/time.ts'
import { lockDirectory } from '../../system/directory-lock.ts'
import { createGuitarsApi, DEMO_GUITARS } from '../guitars/guitars-api.ts'
import { type DevKeys, openDevKeys } from './dev-keys.ts'
import { OPERATOR_CLIENT_ID } from './household.ts'
import { findFreePorts, LOOPBACK, listenOn } from './listen.ts'
import { type DevAuthzServer, startDevAuthzServer } from './start-authz-server.ts'
import { type DevSidecar, startDevSidecar } from './start-sidecar.ts'

export interface DevWorldOptions {
  readonly dataDirectory: string
  /** Authz server, sidecar, its admin listener and the API take four ports from here on; free ones if not given. */
  readonly portBase?: number
  /** The system's if not given. */
  readonly clock?: Clock
  /** The API behind the sidecar; the guitars if not given. */
  readonly upstream?: RequestListener
  readonly log?: Log
  /** Takes the sidecar's audit lines. */
  readonly audit?: (line: string) => void
}

export interface DevWorld {
  readonly addresses: { readonly authzServer: string; readonly sidecar: string; readonly sidecarAdmin: string; readonly upstream: string }
  readonly operator: { readonly clientId: string; readonly keyFile: string }
  readonly keys: DevKeys
  /** Where the simulated guitar keeps its tokens. */
  readonly tokenFile: string
  /** True at the first start with this data directory. */
  readonly isNew: boolean
  readonly authzServer: DevAuthzServer
  readonly sidecar: DevSidecar
  stop(): Promise<void>
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export async function startDevWorld(options: DevWorldOptions): Promise<DevWorld> {
  const [port = 0, sidecarPort = 0, adminPort = 0, upstreamPort = 0] = await choosePorts(options.portBase)
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  const keys = openDevKeys(options.dataDirectory)
  // A test's clock is the only time that passes in its world.
  const monotonic = options.clock === undefined ? () => performance.now() : () => clock() * 1000
  const common = { dataDirectory: options.dataDirectory, keys, clock, monotonic }
  const lock = lockDirectory({ directory: options.dataDirectory, program: 'dev', pid: process.pid })
  const started: (() => Promise<void>)[] = [async () => lock.release()]
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end()
  }
  try {
    const upstream = await listenOn(options.upstream ?? createGuitarsApi(DEMO_GUITARS), upstreamPort)
    started.push(upstream.close)
    const resourceServer = `http://${LOOPBACK}:${sidecarPort}`
    const authzServer = await startDevAuthzServer({ ...common, port, resourceServer, log: options.log ?? SILENT })
    started.push(authzServer.close)
    const sidecarOptions = {
      ...common,
      port: sidecarPort,
      adminPort,
      upstream: upstream.origin,
      issuer: authzServer.origin,
      audit: options.audit ?? (() => {}),
    }
    const sidecar = await startDevSidecar(sidecarOptions)
    started.push(sidecar.sidecar.close)
    return {
      addresses: {
        authzServer: authzServer.origin,
        sidecar: sidecar.addresses.origin,
        sidecarAdmin: sidecar.addresses.adminOrigin,
        upstream: upstream.origin,
      },
      operator: { clientId: OPERATOR_CLIENT_ID, keyFile: keys.fileOf('operator') },
      keys,
      tokenFile: join(options.dataDirectory, 'guitar.tokens.json'),
      isNew: authzServer.isNew,
      authzServer,
      sidecar,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function choosePorts(base: number | undefined): Promise<readonly number[]> {
  return base === undefined ? findFreePorts(4) : [base, base + 1, base + 2, base + 3]
}
