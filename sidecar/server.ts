// Wires the sidecar: configuration and ports in, two listeners out. Reads no file, no clock and no environment by itself.

import type { KeyObject } from 'node:crypto'
import { createProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { buildBase64url } from '../protocol/encoding.ts'
import { createNonceSource } from '../protocol/nonce.ts'
import { createMemoryReplayStore } from '../protocol/replay.ts'
import { type MonotonicSeconds, readMonotonic } from '../protocol/time.ts'
import { explainListen } from '../system/config/explain-listen.ts'
import { createAdminServer } from '../system/http/admin-server.ts'
import { buildTrust } from '../system/http/proxy-config.ts'
import { type Certificate, createStrictServer } from '../system/http/strict-server.ts'
import { settleWithin } from '../system/within.ts'
import { createAuditLog } from './audit/audit-log.ts'
import { type SidecarConfig, upstreamOf } from './config/sidecar-config.ts'
import type { EnforcementParts } from './enforcement/enforce.ts'
import { judge } from './enforcement/judge.ts'
import { createOnceApprovals } from './enforcement/once-approvals.ts'
import { createFeed, type Feed } from './feed/create-feed.ts'
import { createSealedFiles } from './files/sealed-files.ts'
import { deriveSealKey } from './files/sealed-text.ts'
import { createSwappableGuardrails } from './guardrails/swappable-guardrails.ts'
import { createRequestHandler } from './handle-request.ts'
import { createCors } from './http/cors.ts'
import { attachListener } from './http/create-listener.ts'
import { hostsOf } from './http/request-head.ts'
import { CLOSE_MILLISECONDS, DRAIN_DEFAULT_SECONDS, KEY_CACHE_ENTRIES } from './limits.ts'
import { createAuthzServerState, createUpstreamState, logOf, watchSink } from './logging.ts'
import { createLru } from './lru.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createUseLimits } from './obligations/use-limits.ts'
import { USES_FOLDER } from './obligations/uses-file.ts'
import type { GuardrailModules, SidecarPorts } from './ports.ts'
import { createProofCheck } from './proofs/check-proof.ts'
import { createAnswerRules } from './proxy/answer-rules.ts'
import { createForwarder } from './proxy/forwarder.ts'
import { createRequestFilter } from './proxy/header-rules.ts'
import { createOpenForwards } from './proxy/open-forwards.ts'
import type { AddressOptions } from './proxy/own-addresses.ts'
import { buildUnreadableAnswer } from './refuse/unreadable-answer.ts'
import { createRouteTable } from './resources/route-table.ts'
import { createTokenVerifier } from './tokens/token-verifier.ts'
import { createBreaker } from './uma/breaker.ts'
import { createRefusalExplainer } from './uma/explain-refusal.ts'
import { createProtectedFetch } from './uma/protected-fetch.ts'
import { createServiceToken } from './uma/service-token.ts'
import { createTicketBudget } from './uma/ticket-budget.ts'
import { createTicketSource } from './uma/ticket-source.ts'

/** Where the sidecar listens: origins with the ports that were really bound. */
export interface SidecarAddresses {
  readonly origin: string
  readonly adminOrigin: string
}

export interface Sidecar {
  /** Binds both listeners; then the feed is followed. Requests are answered 503 until it is there. */
  listen(): Promise<SidecarAddresses>
  /** Resolves when requests are decided. */
  whenReady(): Promise<void>
  readonly isReady: () => boolean
  /**
   * Takes over what may change while requests are served: routes, CORS, guardrails, trusted proxies, the time to drain, the certificate.
   * Requests under way go on. Throws, having changed nothing, if the certificate cannot be used.
   */
  reload(config: SidecarConfig, files: ReloadedFiles): void
  /** Not ready at once; what is in flight may finish, for a while. */
  close(): Promise<void>
}

export interface ReloadedFiles {
  readonly guardrails: GuardrailModules
  readonly tls?: Certificate
}

/** What of the configuration may change while the sidecar runs. */
function buildLive(config: SidecarConfig) {
  const { strip_headers, pass_headers, pass_answer_headers } = upstreamOf(config)
  const routes = createRouteTable(config.routes)
  return {
    routes,
    cors: createCors(config.cors?.origins ?? [], routes),
    trust: buildTrust(config),
    drainSeconds: config.drain_seconds ?? DRAIN_DEFAULT_SECONDS,
    passes: createRequestFilter({ strip: strip_headers ?? [], pass: pass_headers ?? [] }),
    answerRules: createAnswerRules({ pass: pass_answer_headers, addresses: addressesOf(config) }),
  }
}

export function createSidecar(config: SidecarConfig, ports: SidecarPorts): Sidecar {
  const { issuer } = config.authz_server
  const upstream = upstreamOf(config)
  let isStopping = false
  let live = buildLive(config)
  const log = logOf(ports)
  const keys = createLru<KeyObject>(KEY_CACHE_ENTRIES)
  const nonces = createNonceSource({ secret: ports.randomBytes(32), origin: config.public_origin, randomBytes: ports.randomBytes })
  const replays = createMemoryReplayStore()
  const provingFetch = createProvingFetch(ports.key, ports)
  const clientId = config.authz_server.client_id
  const explain = createRefusalExplainer({ ...ports, issuer, clientId, publicOrigin: config.public_origin, thumbprint: ports.key.kid })
  const serviceToken = createServiceToken({ ...ports, issuer, clientId, fetch: provingFetch, explain })
  const protectedFetch = createProtectedFetch(issuer, provingFetch, serviceToken)
  const feed: Feed = createFeed({ config, ports, fetch: protectedFetch, explain, onChange: () => openForwards.recheck() })
  const guardrails = createSwappableGuardrails(ports.guardrails ?? {})
  const isReady = () => !isStopping && feed.stateAt(ports.clock()) !== undefined

  const usesFiles = createSealedFiles(ports.files, deriveSealKey(ports.key, 'uses'))
  const useLimits = createUseLimits(usesFiles, () => ports.clock() - readMonotonic(ports.monotonic))
  const approvals = createOnceApprovals(ports.monotonic)
  const enforcement: EnforcementParts = {
    issuer,
    publicOrigin: config.public_origin,
    get routes() {
      return live.routes
    },
    stateAt: feed.stateAt,
    tokens: createTokenVerifier({ issuer, audience: config.public_origin, keys }),
    checkProof: createProofCheck({ nonces, replays, keys, monotonic: ports.monotonic }),
    guardrails,
    policies: feed.policies,
    useLimits,
    monotonic: ports.monotonic,
    approvals,
  }
  const openForwards = createOpenForwards((permit) => judge(permit, enforcement, { now: ports.clock(), isUnderWay: true }))
  const forwarder = createForwarder({
    upstream: upstream.origin,
    answerMilliseconds: config.limits.answer_seconds * 1000,
    idleMilliseconds: config.limits.idle_seconds * 1000,
  })
  const audit = createAuditLog(watchSink(ports.audit, log))
  const metrics = createMetrics({
    openForwards: openForwards.size,
    feedAgeSeconds: () => feed.ageAt(ports.clock()) ?? -1,
    feedRevision: feed.revision,
    isReady,
    auditDropped: audit.dropped,
    replayEntries: replays.size,
    policiesLoaded: feed.policies.size,
    limitCounters: useLimits.size,
    guardrailKills: guardrails.kills,
    isGuardrailQuarantined: guardrails.isQuarantined,
  })
  const breaker = createBreaker(ports.monotonic, createAuthzServerState(log))
  const tickets = createTicketSource({ fetch: protectedFetch, breaker, budget: createTicketBudget(ports.monotonic) })
  const newRequestId = () => buildBase64url(ports.randomBytes(12))
  const publicUrl = new URL(config.public_origin)
  const noteUpstream = createUpstreamState(log)
  const strict = createStrictServer({
    idleMilliseconds: config.limits.idle_seconds * 1000,
    // Bodies are timed by route, since some may stream for hours.
    requestMilliseconds: 0,
    // connection-line.ts counts them, and ends the connection with the last response.
    requestsPerConnection: 0,
    trust: () => live.trust,
    proxyProtocol: config.listen.proxy_protocol ?? false,
    onUntrustedHeader: (address) => log.warn('forwarding_header_not_trusted', { address, remedy: UNTRUSTED_REMEDY }),
    onProxyProtocolRefused: (reason, address) => log.warn('connection_refused', { reason, address }),
    ...(ports.tls === undefined ? {} : { tls: ports.tls }),
  })
  const { onRequest, noteBroken } = createRequestHandler({
    enforcement,
    hosts: hostsOf(config.public_origin),
    peers: strict.peers,
    publicHost: publicUrl.host,
    protocol: publicUrl.protocol === 'https:' ? 'https' : 'http',
    requestMilliseconds: config.limits.request_seconds * 1000,
    clock: ports.clock,
    monotonic: ports.monotonic,
    mintNonce: createNonceMint(nonces.mint, ports.monotonic),
    newRequestId,
    get cors() {
      return live.cors
    },
    tickets,
    forwarder,
    requestRules: {
      passes: (name) => live.passes(name),
      added: ports.upstreamHeaders ?? (() => []),
    },
    get answerRules() {
      return live.answerRules
    },
    openForwards,
    audit,
    metrics: {
      ...metrics,
      count(record) {
        metrics.count(record)
        noteUpstream(record)
      },
    },
    isStopping: () => isStopping,
    notice: ports.notice,
  })
  attachListener(strict, {
    onRequest,
    onUnreadable(reason, peer, current) {
      const { status, text } = buildUnreadableAnswer(reason)
      if (current !== undefined) {
        noteBroken(current, { reason, status })
        return text
      }
      const record = { requestId: newRequestId(), at: ports.clock(), peer, reason, status }
      audit.write(record)
      metrics.count(record)
      return text
    },
  })
  const admin = createAdminServer({ isReady, metrics: metrics.render }, config.admin)

  return {
    isReady,
    whenReady: feed.whenReady,
    async listen() {
      await usesFiles.sealOlder(USES_FOLDER)
      await useLimits.load()
      approvals.begin(ports.clock())
      const port = await strict.listen(config.listen).catch(explainListen('listen', config.listen))
      const adminPort = await admin.listen(config.admin).catch(async (cause: unknown) => {
        await strict.unbind()
        return explainListen('admin', config.admin)(cause)
      })
      await feed.start()
      const scheme = ports.tls === undefined ? 'http' : 'https'
      return { origin: `${scheme}://${hostInUrl(config.listen.host)}:${port}`, adminOrigin: `http://${hostInUrl(config.admin.host)}:${adminPort}` }
    },
    reload(next, files) {
      const nextLive = buildLive(next)
      if (files.tls !== undefined) strict.setCertificate(files.tls)
      live = nextLive
      guardrails.replace(files.guardrails)
      openForwards.recheck()
    },
    async close() {
      isStopping = true
      openForwards.announceEnd()
      await strict.drain(Math.max(CLOSE_MILLISECONDS, live.drainSeconds * 1000 - CLOSE_MILLISECONDS), openForwards.noteStop)
      openForwards.stop()
      await settleWithin(CLOSE_MILLISECONDS, Promise.all([admin.unbind(), feed.stop(), forwarder.close(), guardrails.close()]))
    },
  }
}

/** Undefined where the operator wants addresses in answers to stay as they are. */
function addressesOf(config: SidecarConfig): AddressOptions | undefined {
  const { origin, rewrite_locations, own_origins } = upstreamOf(config)
  return rewrite_locations === false ? undefined : { publicOrigin: config.public_origin, upstream: origin, ownOrigins: own_origins ?? [] }
}

const UNTRUSTED_REMEDY = 'If this is your proxy, list its address in trusted_proxies; until then all its clients count as one'

/** One nonce a second for all: the set of used proofs makes each of them good for one request (docs/decisions/0008). */
function createNonceMint(mint: (now: MonotonicSeconds) => string, monotonic: () => number): () => string {
  let nonce = ''
  let mintedAt = -1
  return () => {
    const now = readMonotonic(monotonic)
    if (now !== mintedAt) {
      nonce = mint(now)
      mintedAt = now
    }
    return nonce
  }
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
