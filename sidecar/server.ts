// Wires the sidecar: configuration and ports in, two listeners out. Reads no file, no clock and no environment by itself.

import type { KeyObject } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { createNonceSource } from '../protocol/nonce.ts'
import { createMemoryReplayStore } from '../protocol/replay.ts'
import type { EpochSeconds } from '../protocol/time.ts'
import { createAuditLog } from './audit/audit-log.ts'
import type { SidecarConfig } from './config/sidecar-config.ts'
import type { EnforcementParts } from './enforcement/enforce.ts'
import { judge } from './enforcement/judge.ts'
import { createOnceApprovals } from './enforcement/once-approvals.ts'
import { createFeed, type Feed } from './feed/create-feed.ts'
import { createGuardrails } from './guardrails/guardrails.ts'
import { createRequestHandler } from './handle-request.ts'
import { createCors } from './http/cors.ts'
import { createListener } from './http/create-listener.ts'
import { hostsOf } from './http/request-head.ts'
import { watchUnusedConnections } from './http/unused-connections.ts'
import { DRAIN_MILLISECONDS, KEY_CACHE_ENTRIES } from './limits.ts'
import { createLru } from './lru.ts'
import { createAdminServer } from './metrics/admin-server.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createUseLimits } from './obligations/use-limits.ts'
import type { SidecarPorts } from './ports.ts'
import { createProofCheck } from './proofs/check-proof.ts'
import { createForwarder } from './proxy/forwarder.ts'
import { createOpenForwards } from './proxy/open-forwards.ts'
import { buildUnreadableAnswer } from './refuse/unreadable-answer.ts'
import { createRouteTable } from './resources/route-table.ts'
import { createTokenVerifier } from './tokens/token-verifier.ts'
import { createBreaker } from './uma/breaker.ts'
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
  /** Not ready at once; what is in flight may finish, for a while. */
  close(): Promise<void>
}

export function createSidecar(config: SidecarConfig, ports: SidecarPorts): Sidecar {
  const { issuer } = config.authz_server
  let isStopping = false
  const keys = createLru<KeyObject>(KEY_CACHE_ENTRIES)
  const nonces = createNonceSource({ secret: ports.randomBytes(32), origin: config.public_origin, randomBytes: ports.randomBytes })
  const replays = createMemoryReplayStore()
  const provingFetch = createProvingFetch(ports.key, ports)
  const serviceToken = createServiceToken({ ...ports, issuer, clientId: config.authz_server.client_id, fetch: provingFetch })
  const protectedFetch = createProtectedFetch(issuer, provingFetch, serviceToken)
  const feed: Feed = createFeed({ config, ports, fetch: protectedFetch, onChange: () => openForwards.recheck() })
  const { guardrails = {} } = ports
  const isReady = () => !isStopping && feed.stateAt(ports.clock()) !== undefined

  const useLimits = createUseLimits(ports.files)
  const approvals = createOnceApprovals()
  const enforcement: EnforcementParts = {
    issuer,
    publicOrigin: config.public_origin,
    routes: createRouteTable(config.routes),
    stateAt: feed.stateAt,
    tokens: createTokenVerifier({ issuer, audience: config.public_origin, keys }),
    checkProof: createProofCheck({ nonces, replays, keys }),
    guardrails: createGuardrails(guardrails),
    policies: feed.policies,
    useLimits,
    approvals,
  }
  const openForwards = createOpenForwards((permit) => judge(permit, enforcement, { now: ports.clock(), isUnderWay: true }))
  const forwarder = createForwarder({
    upstream: config.upstream,
    answerMilliseconds: config.limits.answer_seconds * 1000,
    idleMilliseconds: config.limits.idle_seconds * 1000,
  })
  const audit = createAuditLog(ports.audit)
  const metrics = createMetrics({
    openForwards: openForwards.size,
    feedAgeSeconds: () => feed.ageAt(ports.clock()) ?? -1,
    feedRevision: feed.revision,
    isReady,
    auditDropped: audit.dropped,
    replayEntries: replays.size,
    policiesLoaded: feed.policies.size,
    limitCounters: useLimits.size,
    guardrailKills: () => guardrails.handWritten?.kills() ?? 0,
    isGuardrailQuarantined: () => guardrails.handWritten?.isQuarantined() ?? false,
  })
  const tickets = createTicketSource({ fetch: protectedFetch, breaker: createBreaker(ports.monotonic), budget: createTicketBudget(ports.monotonic) })
  const newRequestId = () => Buffer.from(ports.randomBytes(12)).toString('base64url')
  const publicUrl = new URL(config.public_origin)
  const { onRequest, noteBroken } = createRequestHandler({
    enforcement,
    hosts: hostsOf(config.public_origin),
    publicHost: publicUrl.host,
    protocol: publicUrl.protocol === 'https:' ? 'https' : 'http',
    realm: publicUrl.host,
    requestMilliseconds: config.limits.request_seconds * 1000,
    clock: ports.clock,
    monotonic: ports.monotonic,
    mintNonce: createNonceMint(nonces.mint),
    newRequestId,
    cors: createCors(config.cors?.origins ?? [], enforcement.routes),
    tickets,
    forwarder,
    openForwards,
    audit,
    metrics,
    isStopping: () => isStopping,
    notice: ports.notice,
  })
  const listener = createListener(
    {
      onRequest,
      onUnreadable(reason, ip, current) {
        const { status, text } = buildUnreadableAnswer(reason)
        if (current !== undefined) {
          noteBroken(current, { reason, status })
          return text
        }
        const record = { requestId: newRequestId(), at: ports.clock(), ip, reason, status }
        audit.write(record)
        metrics.count(record)
        return text
      },
    },
    { idleMilliseconds: config.limits.idle_seconds * 1000, ...(ports.tls === undefined ? {} : { tls: ports.tls }) },
  )
  const endUnused = watchUnusedConnections(listener)
  const admin = createAdminServer({ isReady, metrics: metrics.render })

  return {
    isReady,
    whenReady: feed.whenReady,
    async listen() {
      await useLimits.load()
      approvals.begin(ports.clock())
      const port = await bind(listener, config.listen)
      const adminPort = await bind(admin, config.admin).catch(async (cause: unknown) => {
        await unbind(listener)
        throw cause
      })
      await feed.start()
      const scheme = ports.tls === undefined ? 'http' : 'https'
      return { origin: `${scheme}://${hostInUrl(config.listen.host)}:${port}`, adminOrigin: `http://${hostInUrl(config.admin.host)}:${adminPort}` }
    },
    async close() {
      isStopping = true
      openForwards.announceEnd()
      await drain(listener, { endUnused, beforeCut: openForwards.noteStop })
      openForwards.stop()
      await Promise.all([unbind(admin), feed.stop(), forwarder.close(), guardrails.handWritten?.close()])
    },
  }
}

/** One nonce a second for all: the set of used proofs makes each of them good for one request (docs/decisions/0008). */
function createNonceMint(mint: (now: EpochSeconds) => string): (now: EpochSeconds) => string {
  let nonce = ''
  let mintedAt = -1
  return (now) => {
    if (now !== mintedAt) {
      nonce = mint(now)
      mintedAt = now
    }
    return nonce
  }
}

function bind(server: Server, at: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function unbind(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

/** No new connections; idle ones end, busy ones when their answer is done, all of them when the time is over. */
function drain(server: Server, { endUnused, beforeCut }: { readonly endUnused: () => void; readonly beforeCut: () => void }): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const end = setTimeout(() => {
      beforeCut()
      server.closeAllConnections()
    }, DRAIN_MILLISECONDS)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(end)
      resolve()
    })
    endUnused()
  })
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
