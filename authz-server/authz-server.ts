// Wires the authz server: configuration and ports in, a server that can listen and close out. Reads nothing from the environment.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNonceSource } from '../protocol/nonce.ts'
import { createMemoryReplayStore } from '../protocol/replay.ts'
import { createApp } from './app.ts'
import type { AuthzServerConfig } from './config/config.ts'
import type { Context } from './context.ts'
import { createChangeSignal, wakeOnChange } from './feed/change-signal.ts'
import { createPairingLimits } from './pairing/pairing-limits.ts'
import { createSignInLimits } from './people/sign-in.ts'
import type { Ports } from './ports.ts'
import { ENDPOINTS } from './routes.ts'
import { createPolicyEngine } from './sharing/policy-engine.ts'
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
}

export function createAuthzServer(config: AuthzServerConfig, ports: Ports, parts: Parts): AuthzServer {
  const changes = createChangeSignal()
  const closing = new AbortController()
  const context: Context = {
    config,
    ports,
    store: wakeOnChange(parts.store, changes),
    keyring: parts.keyring,
    nonces: createNonceSource({ secret: ports.randomBytes(32), origin: config.issuer, randomBytes: ports.randomBytes }),
    replay: createMemoryReplayStore(),
    policyEngine: createPolicyEngine(),
    signInLimits: createSignInLimits(),
    pairingLimits: createPairingLimits(),
    codeKey: parts.codeKey ?? ports.randomBytes(32),
    changes,
    startedAt: ports.clock(),
    closing: closing.signal,
  }
  const server: Server = createServer(createApp(context, ENDPOINTS))
  return {
    context,
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(config.listen.port, config.listen.host, () => resolve({ port: (server.address() as AddressInfo).port }))
      }),
    async close() {
      closing.abort()
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      })
      await context.policyEngine.close()
    },
  }
}
