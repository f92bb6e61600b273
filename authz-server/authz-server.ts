// Wires the authz server: configuration and ports in, a server that can listen and close out. Reads nothing from the environment.

import { createNonceSource } from '../protocol/nonce.ts'
import { createMemoryReplayStore } from '../protocol/replay.ts'
import { readMonotonic } from '../protocol/time.ts'
import { explainListen } from '../system/config/explain-listen.ts'
import { createAdminServer } from '../system/http/admin-server.ts'
import { buildTrust } from '../system/http/proxy-config.ts'
import { type Certificate, createStrictServer } from '../system/http/strict-server.ts'
import { createStateLog } from '../system/log.ts'
import { settleWithin } from '../system/within.ts'
import { createApp } from './app.ts'
import type { AuthzServerConfig } from './config/config.ts'
import type { Context } from './context.ts'
import { createChangeSignal, wakeOnChange } from './feed/change-signal.ts'
import { startHousekeeping } from './housekeeping.ts'
import { attachApp, IDLE_MILLISECONDS, REQUEST_MILLISECONDS } from './http/attach-app.ts'
import { createMonitor } from './monitoring/monitor.ts'
import { watchLog, watchPolicyEngine, watchStore } from './monitoring/watch.ts'
import { createPairingLimits } from './pairing/pairing-limits.ts'
import { createPollClock } from './pairing/poll-clock.ts'
import { createSignInLimits } from './people/sign-in-limits.ts'
import type { Ports } from './ports.ts'
import { applyConfiguration } from './registry/apply-configuration.ts'
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
  /** Resolves when connections are accepted; the ports are those bound (config port 0 means any). */
  listen(): Promise<BoundPorts>
  /**
   * Takes over what may change while requests are served (config/fixed-options.ts says what may not). Requests under way go on.
   * Throws, having changed nothing, if the certificate cannot be used.
   */
  reload(config: AuthzServerConfig, certificate: Certificate | undefined): void
  /** Stops accepting, ends streams, lets requests finish. The store is its opener's to close. */
  close(): Promise<void>
}

export interface BoundPorts {
  readonly port: number
  /** Where there is an admin listener. */
  readonly adminPort?: number
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

export function createAuthzServer(config: AuthzServerConfig, outside: Ports, parts: Parts): AuthzServer {
  let live = { config, trust: buildTrust(config) }
  const monitor = createMonitor(
    {
      feedRevision: () => context.store.read.feedLog.newestRevision(),
      pairingsPending: () => context.store.read.pairings.countPending(outside.clock()),
      isReady,
    },
    { hasProcessMetrics: config.admin !== undefined },
  )
  const ports: Ports = { ...outside, log: watchLog(outside.log, monitor) }
  const changes = createChangeSignal()
  const toolLimits = createToolLimits()
  const closing = new AbortController()
  const strict = createStrictServer({
    idleMilliseconds: IDLE_MILLISECONDS,
    requestMilliseconds: REQUEST_MILLISECONDS,
    trust: () => live.trust,
    proxyProtocol: config.listen.proxy_protocol ?? false,
    onUntrustedHeader: (address) => ports.log.warn('forwarding_header_not_trusted', { address, remedy: UNTRUSTED_REMEDY }),
    onProxyProtocolRefused: (reason, address) => ports.log.warn('connection_refused', { reason, address }),
    ...(parts.certificate === undefined ? {} : { tls: parts.certificate }),
  })
  const storeState = createStateLog(ports.log, { lost: 'store_busy', back: 'store_ok' })
  const context: Context = {
    get config() {
      return live.config
    },
    get trust() {
      return live.trust
    },
    peers: strict.peers,
    monitor,
    ports,
    store: wakeOnChange(watchStore(parts.store, monitor, storeState), changes),
    keyring: parts.keyring,
    nonces: createNonceSource({ secret: ports.randomBytes(32), origin: config.issuer, randomBytes: ports.randomBytes }),
    replay: createMemoryReplayStore(),
    policyEngine: watchPolicyEngine(
      createPolicyEngine({
        store: createPolicyStore(parts.store),
        log: ports.log,
        ...parts.rulesThreads,
        charge: (work) => chargeTool(toolLimits, work, readMonotonic(ports.monotonic)),
      }),
      monitor,
    ),
    signInLimits: createSignInLimits(),
    pairingLimits: createPairingLimits(),
    pollClock: createPollClock(ports.monotonic),
    toolLimits,
    rulesInWords: createRulesInWords(),
    codeKey: parts.codeKey ?? ports.randomBytes(32),
    changes,
    closing: closing.signal,
  }
  attachApp(strict, createApp(context, ENDPOINTS), context)
  const admin = config.admin && createAdminServer({ isReady, metrics: monitor.render }, config.admin)
  let housekeeping: ReturnType<typeof startHousekeeping> | undefined

  /** The database answers, and requests are still taken. */
  async function isReady(): Promise<boolean> {
    if (closing.signal.aborted) return false
    await context.store.read.feedLog.newestRevision()
    return true
  }

  return {
    context,
    async listen() {
      reportIdentity(context)
      await applyConfiguration(context, ports.clock())
      await announceKeys(context, ports.clock())
      housekeeping = startHousekeeping(context)
      const port = await strict.listen(config.listen).catch(explainListen('listen', config.listen))
      if (admin === undefined || config.admin === undefined) return { port }
      return { port, adminPort: await admin.listen(config.admin).catch(explainListen('admin', config.admin)) }
    },
    reload(next, certificate) {
      const trust = buildTrust(next)
      if (certificate !== undefined) strict.setCertificate(certificate)
      live = { config: next, trust }
    },
    async close() {
      closing.abort()
      housekeeping?.stop()
      const drainSeconds = live.config.drain_seconds ?? DRAIN_DEFAULT_SECONDS
      await strict.drain(Math.max(CLOSE_MILLISECONDS, drainSeconds * 1000 - CLOSE_MILLISECONDS))
      await settleWithin(CLOSE_MILLISECONDS, Promise.all([admin?.unbind(), context.policyEngine.close()]))
    },
  }
}

/** Sidecars take a snapshot when they see another incarnation. */
function reportIdentity({ store, ports }: Context): void {
  const { incarnation, renewedBecause } = store.identity
  if (renewedBecause === 'new_database') ports.log.info('database_created', { incarnation })
  else if (renewedBecause !== undefined) ports.log.warn('database_incarnation_renewed', { incarnation, reason: renewedBecause })
}

/** How long requests under way may go on after a request to stop, unless the configuration says otherwise. Docker kills after 10 s. */
export const DRAIN_DEFAULT_SECONDS = 8
/** Of that time, what is kept for ending threads and closing the database. */
const CLOSE_MILLISECONDS = 500

const UNTRUSTED_REMEDY = 'If this is your proxy, list its address in trusted_proxies; until then all its clients count as one'
