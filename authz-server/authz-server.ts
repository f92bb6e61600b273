// Wires the authz server: configuration and ports in, a server that can listen and close out. Reads nothing from the environment.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNonceSource } from '../protocol/nonce.ts'
import { createMemoryReplayStore } from '../protocol/replay.ts'
import { createApp } from './app.ts'
import type { AuthzServerConfig } from './config/config.ts'
import type { Context } from './context.ts'
import { createChangeSignal, wakeOnChange } from './feed/change-signal.ts'
import { startHousekeeping } from './housekeeping.ts'
import { type Certificate, createHttpServer } from './http/create-http-server.ts'
import { watchUnusedConnections } from './http/unused-connections.ts'
import { createPairingLimits } from './pairing/pairing-limits.ts'
import { createSignInLimits } from './people/sign-in.ts'
import type { Ports } from './ports.ts'
import { announceKeys } from './registry/rotate-keys.ts'
import { ENDPOINTS } from './routes.ts'
import { createPolicyEngine, type PolicyEngineOptions } from './sharing/policy-engine.ts'
import { createPolicyStore } from './sharing/policy-store.ts'
import { createRulesInWords } from './sharing/rules-in-words.ts'
import { chargeTool, createToolLimits } from './sharing/tool-limits.ts'
import type { Store } from './store/store.ts'
import type { Keyring } from './tokens/keyring.ts'

export interface AuthzServer {
  readonly context: Context
  /** Resolves when connections are accepted; the port is the one bound (config port 0 means any). */
  listen(): Promise<{ readonly port: number }>
  /** Stops accepting, ends streams, lets requests finish. The store is its opener's to close. */
  close(): Promise<void>
}

export interface Parts {
  readonly store: Store
  readonly keyring: Keyring
  /** 32 bytes that outlive the process. Without them, codes that wait for a person are unknown after a restart. */
  readonly codeKey?: Uint8Array
  /** Serves https with it. */
  readonly certificate?: Certificate
  /** Other limits for the threads that work on owners' rules, or another file for them: for tests. */
  readonly rulesThreads?: Pick<PolicyEngineOptions, 'limits' | 'entry'>
}

export function createAuthzServer(config: AuthzServerConfig, ports: Ports, parts: Parts): AuthzServer {
  const changes = createChangeSignal()
  const toolLimits = createToolLimits()
  const closing = new AbortController()
  const context: Context = {
    config,
    ports,
    store: wakeOnChange(parts.store, changes),
    keyring: parts.keyring,
    nonces: createNonceSource({ secret: ports.randomBytes(32), origin: config.issuer, randomBytes: ports.randomBytes }),
    replay: createMemoryReplayStore(),
    policyEngine: createPolicyEngine({
      store: createPolicyStore(parts.store),
      log: ports.log,
      ...parts.rulesThreads,
      charge: (work) => chargeTool(toolLimits, work, ports.clock()),
    }),
    signInLimits: createSignInLimits(),
    pairingLimits: createPairingLimits(),
    toolLimits,
    rulesInWords: createRulesInWords(),
    codeKey: parts.codeKey ?? ports.randomBytes(32),
    changes,
    startedAt: ports.clock(),
    closing: closing.signal,
  }
  const server: Server = createHttpServer(createApp(context, ENDPOINTS), context, parts.certificate)
  const endUnused = watchUnusedConnections(server)
  let housekeeping: ReturnType<typeof startHousekeeping> | undefined
  return {
    context,
    async listen() {
      await announceKeys(context, ports.clock())
      housekeeping = startHousekeeping(context)
      return new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(config.listen.port, config.listen.host, () => resolve({ port: (server.address() as AddressInfo).port }))
      })
    },
    async close() {
      closing.abort()
      housekeeping?.stop()
      await drain(server, endUnused)
      await context.policyEngine.close()
    },
  }
}

/** Requests under way get this long. */
const DRAIN_MAX_MILLISECONDS = 5000
const DRAIN_CHECK_MILLISECONDS = 50

/** Takes no new connection, lets requests finish, and cuts what is left then. */
function drain(server: Server, endUnused: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const idle = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MILLISECONDS)
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MAX_MILLISECONDS)
    server.close((error) => {
      clearInterval(idle)
      clearTimeout(cut)
      if (error && (error as NodeJS.ErrnoException).code !== 'ERR_SERVER_NOT_RUNNING') reject(error)
      else resolve()
    })
    server.closeIdleConnections()
    endUnused()
  })
}
