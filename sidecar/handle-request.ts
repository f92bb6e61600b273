// One request from its head to its audit line: read strictly, authorize, then forward or refuse. The order of the checks is authorize.ts's.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochSeconds } from '../protocol/time.ts'
import { isSpokenVersion, prepareOldAnswer } from '../system/http/http-version.ts'
import type { Peers } from '../system/http/peers.ts'
import type { AuditLog, RequestRecord } from './audit/audit-log.ts'
import { authorize, type Gate, type Grant, takeUse } from './authorize.ts'
import type { Cors } from './http/cors.ts'
import type { RequestKind } from './http/create-listener.ts'
import { type RequestHead, readRequestHead } from './http/request-head.ts'
import { FORWARDS_MAX } from './limits.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { ForwardFault } from './proxy/forward-handler.ts'
import type { Forwarder } from './proxy/forwarder.ts'
import type { OpenForward, OpenForwards } from './proxy/open-forwards.ts'
import { buildUpstreamHeaders } from './proxy/upstream-headers.ts'
import type { Refusal, RefusalReason } from './refuse/refusal.ts'
import { writeRefusal } from './refuse/write-refusal.ts'
import type { TicketSource } from './uma/ticket-source.ts'

export interface RequestParts {
  readonly gate: Gate
  readonly hosts: ReadonlySet<string>
  readonly peers: Peers
  readonly publicHost: string
  readonly protocol: 'http' | 'https'
  readonly realm: string
  readonly requestMilliseconds: number
  readonly clock: () => EpochSeconds
  readonly mintNonce: (now: EpochSeconds) => string
  readonly newRequestId: () => string
  readonly cors: Cors
  readonly tickets: TicketSource
  readonly forwarder: Forwarder
  readonly openForwards: OpenForwards
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly isStopping: () => boolean
  readonly notice: (text: string) => void
}

/** One request with what is known of it. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly kind: RequestKind
  readonly record: RequestRecord
  readonly now: EpochSeconds
  head?: RequestHead
}

export interface RequestHandler {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, kind: RequestKind) => void
  /** The line to come of that request tells this. */
  readonly noteBroken: (response: ServerResponse, broken: { readonly reason: RefusalReason; readonly status: number }) => void
}

export function createRequestHandler(parts: RequestParts): RequestHandler {
  const records = new WeakMap<ServerResponse, RequestRecord>()

  function onRequest(request: IncomingMessage, response: ServerResponse, kind: RequestKind): void {
    const now = parts.clock()
    const record: RequestRecord = { requestId: parts.newRequestId(), at: now, peer: parts.peers.of(request) }
    const exchange: Exchange = { request, response, kind, record, now }
    records.set(response, record)
    if (parts.isStopping()) response.shouldKeepAlive = false
    prepareOldAnswer(request, response)
    response.once('close', () => {
      record.status ??= response.headersSent ? response.statusCode : 0
      if (!response.writableFinished) record.reason ??= 'client_gone'
      parts.audit.write(record)
      parts.metrics.count(record)
    })
    handle(exchange, parts).catch((cause: unknown) => {
      parts.notice(`request ${record.requestId} failed: ${cause instanceof Error ? cause.message : 'unknown fault'}`)
      if (response.headersSent) response.destroy()
      else void refuse(exchange, { reason: 'internal_fault' }, parts)
    })
  }

  return {
    onRequest,
    noteBroken(response, { reason, status }) {
      const record = records.get(response)
      if (record !== undefined) Object.assign(record, { reason, status })
    },
  }
}

async function handle(exchange: Exchange, parts: RequestParts): Promise<void> {
  const { request, record } = exchange
  const head = readRequestHead(request, { hosts: parts.hosts, isSpokenVersion: isSpokenVersion(request, parts.peers), peer: record.peer })
  if (!head.ok) return refuse(exchange, { reason: head.error }, parts)
  noteHead(exchange, head.value)
  // Node takes any value with that word in it for the expectation it knows.
  if (head.value.expect !== undefined && head.value.expect.toLowerCase() !== '100-continue') return refuse(exchange, { reason: 'expectation_unknown' }, parts)
  if (exchange.kind === 'upgrade' && head.value.upgrade?.toLowerCase() !== 'websocket') return refuse(exchange, { reason: 'upgrade_refused' }, parts)
  const preflight = parts.cors.preflightFor(head.value)
  if (preflight !== undefined) return answerPreflight(exchange, preflight)
  const grant = await authorize({ head: head.value, record: exchange.record }, parts.gate, exchange.now)
  if (!grant.ok) return refuse(exchange, grant.error, parts)
  if (exchange.kind === 'upgrade') return refuse(exchange, { reason: 'upgrade_not_supported' }, parts)
  const isFull = () => parts.openForwards.size() >= FORWARDS_MAX
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (exchange.response.destroyed) return
  const use = await takeUse(grant.value, { head: head.value, record: exchange.record }, { ...parts.gate, now: exchange.now })
  if (!use.ok) return refuse(exchange, use.error, parts)
  // While the use was written down, others may have come.
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (!exchange.response.destroyed) forward({ ...exchange, head: head.value }, grant.value, parts)
}

function noteHead(exchange: Exchange, head: RequestHead): void {
  exchange.head = head
  exchange.record.method = head.method
  exchange.record.path = head.path
  if (head.purpose !== null) exchange.record.purpose = head.purpose
}

function answerPreflight(exchange: Exchange, headers: readonly string[]): void {
  exchange.response.writeHead(204, [...headers])
  exchange.response.end()
}

function forward(exchange: Exchange & { readonly head: RequestHead }, grant: Grant, parts: RequestParts): void {
  const { request, response, head, record, now } = exchange
  record.forwarded = true
  const timer = grant.route.streaming || head.body === 'none' ? undefined : setTimeout(onSlowBody, parts.requestMilliseconds)
  const { abandon } = parts.forwarder.forward({
    request,
    response,
    method: head.method,
    target: head.path + head.query,
    headers: buildUpstreamHeaders({ head, grant, requestId: record.requestId, protocol: parts.protocol, publicHost: parts.publicHost }),
    body: head.body,
    contentLength: head.contentLength,
    expectsContinue: exchange.kind === 'continue',
    addedHeaders: ['dpop-nonce', parts.mintNonce(now), 'x-request-id', record.requestId, ...parts.cors.headersFor(head)],
    obligations: grant.access.obligations.answer,
    now: now * 1000,
    onFault,
  })
  const open: OpenForward = { grant, record, response, abandon }
  parts.openForwards.add(open)
  response.once('close', () => {
    clearTimeout(timer)
    parts.openForwards.remove(open)
    // An answer that came before the whole request: what is still to come of it must not be read as another request.
    if (!request.complete) request.socket.destroySoon()
  })

  function onSlowBody(): void {
    if (request.complete) return
    abandon()
    record.reason = 'request_timeout'
    if (response.headersSent) response.destroy()
    else void refuse(exchange, { reason: 'request_timeout' }, parts)
  }

  function onFault(fault: ForwardFault): void {
    const reason = fault === 'request_broken' ? 'malformed_request' : fault
    record.reason ??= reason
    if (!response.headersSent) void refuse(exchange, { reason, ...(grant.access.decision === undefined ? {} : { decision: grant.access.decision }) }, parts)
  }
}

async function refuse(exchange: Exchange, refusal: Refusal, parts: RequestParts): Promise<void> {
  const { request, response, head, record } = exchange
  record.reason = refusal.reason
  const ticket = refusal.permission === undefined ? undefined : await parts.tickets.get(refusal.permission, record.peer.address)
  if (response.headersSent || response.destroyed) return
  record.status = writeRefusal(response, refusal, {
    ticket,
    realm: parts.realm,
    issuer: parts.gate.issuer,
    nonce: parts.mintNonce(parts.clock()),
    requestId: record.requestId,
    accept: head?.accept ?? '',
    headers: head === undefined ? [] : parts.cors.headersFor(head),
    mustClose: head === undefined || (head.body !== 'none' && !request.complete),
  })
}
