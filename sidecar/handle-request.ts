// One request from its head to its audit line: read strictly, enforce, then forward or refuse. The order of the checks is in enforcement/enforce.ts.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseIpAddress } from '../protocol/address.ts'
import type { EpochSeconds } from '../protocol/time.ts'
import { type AuditLog, noteDecision, type RequestRecord } from './audit/audit-log.ts'
import { countUse, type EnforcementParts, enforce } from './enforcement/enforce.ts'
import type { Permit } from './enforcement/verdict.ts'
import type { Cors } from './http/cors.ts'
import type { RequestKind } from './http/create-listener.ts'
import { startMeter } from './http/exchange-meter.ts'
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
  readonly enforcement: EnforcementParts
  readonly hosts: ReadonlySet<string>
  readonly publicHost: string
  readonly protocol: 'http' | 'https'
  readonly realm: string
  readonly requestMilliseconds: number
  readonly clock: () => EpochSeconds
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
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
  /** Records the failure in the request's audit line. */
  readonly noteBroken: (response: ServerResponse, broken: { readonly reason: RefusalReason; readonly status: number }) => void
}

export function createRequestHandler(parts: RequestParts): RequestHandler {
  const records = new WeakMap<ServerResponse, RequestRecord>()

  function onRequest(request: IncomingMessage, response: ServerResponse, kind: RequestKind): void {
    const now = parts.clock()
    const record: RequestRecord = { requestId: parts.newRequestId(), at: now, ip: parseIpAddress(request.socket.remoteAddress) ?? '' }
    const meter = startMeter(request, parts.monotonic)
    const exchange: Exchange = { request, response, kind, record, now }
    records.set(response, record)
    if (parts.isStopping()) response.shouldKeepAlive = false
    response.once('close', () => {
      record.status ??= response.headersSent ? response.statusCode : 0
      Object.assign(record, meter())
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
  const head = readRequestHead(exchange.request, parts.hosts)
  if (!head.ok) return refuse(exchange, { reason: head.error }, parts)
  noteHead(exchange, head.value)
  // Node takes any value with that word in it for the expectation it knows.
  if (head.value.expect !== undefined && head.value.expect.toLowerCase() !== '100-continue') return refuse(exchange, { reason: 'expectation_unknown' }, parts)
  if (exchange.kind === 'upgrade' && head.value.upgrade?.toLowerCase() !== 'websocket') return refuse(exchange, { reason: 'upgrade_refused' }, parts)
  const preflight = parts.cors.preflightFor(head.value)
  if (preflight !== undefined) return answerPreflight(exchange, preflight)
  const verdict = await enforce(head.value, parts.enforcement, exchange.now)
  Object.assign(exchange.record, verdict.findings)
  if (verdict.effect === 'deny') return refuse(exchange, verdict.refusal, parts)
  const { permit } = verdict
  noteDecision(exchange.record, permit.access)
  if (exchange.kind === 'upgrade') return refuse(exchange, { reason: 'upgrade_not_supported' }, parts)
  const isFull = () => parts.openForwards.size() >= FORWARDS_MAX
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (exchange.response.destroyed) return
  const use = await countUse(permit, parts.enforcement, exchange.now)
  if (!use.ok) return refuse(exchange, use.error, parts)
  const { notify } = permit.access.obligations
  if (notify.length > 0) exchange.record.notify = notify
  // Others may have come while the use was written to disk.
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (!exchange.response.destroyed) forward({ ...exchange, head: head.value }, permit, parts)
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

function forward(exchange: Exchange & { readonly head: RequestHead }, permit: Permit, parts: RequestParts): void {
  const { request, response, head, record, now } = exchange
  record.forwarded = true
  const timer = permit.route.streaming || head.body === 'none' ? undefined : setTimeout(onSlowBody, parts.requestMilliseconds)
  const { abandon } = parts.forwarder.forward({
    request,
    response,
    method: head.method,
    target: head.path + head.query,
    headers: buildUpstreamHeaders({ head, permit, requestId: record.requestId, protocol: parts.protocol, publicHost: parts.publicHost }),
    body: head.body,
    contentLength: head.contentLength,
    expectsContinue: exchange.kind === 'continue',
    addedHeaders: ['dpop-nonce', parts.mintNonce(now), 'x-request-id', record.requestId, ...parts.cors.headersFor(head)],
    obligations: permit.access.obligations.answer,
    now: now * 1000,
    onFault,
  })
  const open: OpenForward = { permit, record, response, abandon }
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
    if (!response.headersSent) void refuse(exchange, { reason, ...decisionOf(permit) }, parts)
  }
}

function decisionOf({ access }: Permit): Pick<Refusal, 'decision' | 'policy'> {
  return access.decision === undefined ? {} : { decision: access.decision, policy: access.policy }
}

async function refuse(exchange: Exchange, refusal: Refusal, parts: RequestParts): Promise<void> {
  const { request, response, head, record } = exchange
  record.reason = refusal.reason
  if (refusal.decision !== undefined || refusal.policy !== undefined) noteDecision(record, refusal)
  const ticket = refusal.permission === undefined ? undefined : await parts.tickets.get(refusal.permission, record.ip)
  if (response.headersSent || response.destroyed) return
  record.status = writeRefusal(response, refusal, {
    ticket,
    realm: parts.realm,
    issuer: parts.enforcement.issuer,
    nonce: parts.mintNonce(parts.clock()),
    requestId: record.requestId,
    accept: head?.accept ?? '',
    headers: head === undefined ? [] : parts.cors.headersFor(head),
    mustClose: head === undefined || (head.body !== 'none' && !request.complete),
  })
}
