// One request from its head to its audit line: read strictly, authorize, then forward or refuse. The order of the checks is authorize.ts's.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochSeconds } from '../protocol/time.ts'
import type { AuditLog, RequestRecord } from './audit/audit-log.ts'
import { authorize, type Gate, type Grant, takeUse } from './authorize.ts'
import type { Cors } from './http/cors.ts'
import type { RequestKind } from './http/create-listener.ts'
import { type RequestHead, readRequestHead } from './http/request-head.ts'
import { FORWARDS_MAX } from './limits.ts'
import type { Metrics } from './metrics/metrics.ts'
import { hasCondition } from './obligations/body-fields.ts'
import { cutResponse } from './proxy/cut-response.ts'
import type { ForwardFault } from './proxy/forward-handler.ts'
import type { Forwarder } from './proxy/forwarder.ts'
import { addHop, readMaxForwards } from './proxy/hop-fields.ts'
import type { OpenForward, OpenForwards } from './proxy/open-forwards.ts'
import { buildUpstreamHeaders } from './proxy/upstream-headers.ts'
import type { Refusal, RefusalReason } from './refuse/refusal.ts'
import { writeRefusal } from './refuse/write-refusal.ts'
import type { TicketOutcome, TicketSource } from './uma/ticket-source.ts'

export interface RequestParts {
  readonly gate: Gate
  readonly hosts: ReadonlySet<string>
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
  /** Releases what the forward holds. */
  release?: () => void
  /** Its audit line has been written: nothing more is sent or forwarded. */
  isOver: boolean
}

export interface RequestHandler {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, kind: RequestKind) => void
  /** The request broke off in its body and was answered outside of `response`: ends the forward and writes the audit line. */
  readonly noteBroken: (response: ServerResponse, broken: { readonly reason: RefusalReason; readonly status: number }) => void
}

export function createRequestHandler(parts: RequestParts): RequestHandler {
  const exchanges = new WeakMap<ServerResponse, Exchange>()

  function finish(exchange: Exchange): void {
    if (exchange.isOver) return
    exchange.isOver = true
    exchange.release?.()
    parts.audit.write(exchange.record)
    parts.metrics.count(exchange.record)
  }

  function onRequest(request: IncomingMessage, response: ServerResponse, kind: RequestKind): void {
    const now = parts.clock()
    const record: RequestRecord = { requestId: parts.newRequestId(), at: now, ip: request.socket.remoteAddress ?? '' }
    const exchange: Exchange = { request, response, kind, record, now, isOver: false }
    exchanges.set(response, exchange)
    if (parts.isStopping()) response.shouldKeepAlive = false
    response.once('close', () => {
      record.status ??= response.headersSent ? response.statusCode : 0
      if (!response.writableFinished) record.reason ??= 'client_gone'
      finish(exchange)
    })
    handle(exchange, parts).catch((cause: unknown) => onInternalFault(exchange, cause, parts))
  }

  return {
    onRequest,
    noteBroken(response, { reason, status }) {
      const exchange = exchanges.get(response)
      if (exchange === undefined) return
      Object.assign(exchange.record, { reason, status })
      finish(exchange)
    },
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown fault'
}

/** Must not fail itself: nobody would catch it. */
function onInternalFault(exchange: Exchange, cause: unknown, parts: RequestParts): void {
  const { response, record } = exchange
  parts.notice(`request ${record.requestId} failed: ${messageOf(cause)}`)
  record.reason = 'internal_fault'
  exchange.release?.()
  if (response.headersSent) cutResponse(response)
  else refuseNow(exchange, { reason: 'internal_fault' }, parts)
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
  const grant = await authorize({ head: head.value, record: exchange.record }, parts.gate, exchange.now)
  if (!grant.ok) return refuse(exchange, grant.error, parts)
  if (exchange.kind === 'upgrade') return refuse(exchange, { reason: 'upgrade_not_supported' }, parts)
  const local = answerLocally(exchange, head.value, grant.value, parts)
  if (local !== undefined) return local
  const isFull = () => parts.openForwards.size() >= FORWARDS_MAX
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (isGone(exchange)) return
  const use = await takeUse(grant.value, { head: head.value, record: exchange.record }, { ...parts.gate, now: exchange.now })
  if (!use.ok) return refuse(exchange, use.error, parts)
  // While the use was being recorded, others may have come.
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (!isGone(exchange)) forward(exchange, head.value, grant.value, parts)
}

function isGone({ isOver, response }: Exchange): boolean {
  return isOver || response.destroyed
}

/** Allowed requests that go no further all the same; undefined for all others. */
function answerLocally(exchange: Exchange, head: RequestHead, { access }: Grant, parts: RequestParts): Promise<void> | undefined {
  if (head.method === 'OPTIONS') {
    // RFC 9110 section 7.6.2: this hop is the one that was asked.
    if (readMaxForwards(head.rawHeaders) !== 0) return undefined
    exchange.response.writeHead(204, ['allow', parts.gate.routes.methodsOf(head.path).join(', '), ...ownFields(exchange, head, parts)])
    exchange.response.end()
    return Promise.resolve()
  }
  if (access.obligations.answer.length === 0 || head.method === 'GET' || head.method === 'HEAD') return undefined
  // The condition may not reach the upstream, and without it the request would do what its sender wanted to rule out.
  return hasCondition(head.rawHeaders) ? refuse(exchange, { reason: 'condition_refused' }, parts) : undefined
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

/** The sidecar's own fields of a response, a flat list. */
function ownFields({ record, now }: Exchange, head: RequestHead, parts: RequestParts): string[] {
  return ['dpop-nonce', parts.mintNonce(now), 'x-request-id', record.requestId, ...parts.cors.headersFor(head)]
}

function forward(exchange: Exchange, head: RequestHead, grant: Grant, parts: RequestParts): void {
  const { request, response, record, now } = exchange
  record.forwarded = true
  const { abandon } = parts.forwarder.forward({
    request,
    response,
    method: head.method,
    target: head.path + head.query,
    headers: addHop(head, buildUpstreamHeaders({ head, grant, requestId: record.requestId, protocol: parts.protocol, publicHost: parts.publicHost })),
    body: head.body,
    contentLength: head.contentLength,
    expectsContinue: exchange.kind === 'continue',
    addedHeaders: ownFields(exchange, head, parts),
    obligations: grant.access.obligations.answer,
    now: now * 1000,
    onFault,
  })
  const timer = grant.route.streaming || head.body === 'none' ? undefined : setTimeout(onSlowBody, parts.requestMilliseconds)
  const open: OpenForward = { grant, record, response, abandon }
  parts.openForwards.add(open)
  exchange.release = () => {
    abandon()
    clearTimeout(timer)
    parts.openForwards.remove(open)
  }
  response.once('close', () => {
    // A response that came before the whole request: the rest of the request must not be read as another one.
    if (!request.complete) request.socket.destroySoon()
  })

  function onSlowBody(): void {
    if (request.complete) return
    abandon()
    record.reason = 'request_timeout'
    if (response.headersSent) cutResponse(response)
    else refuseNow(exchange, { reason: 'request_timeout' }, parts)
  }

  function onFault(fault: ForwardFault): void {
    const reason = fault === 'request_broken' ? 'malformed_request' : fault
    record.reason ??= reason
    if (!response.headersSent) refuseNow(exchange, { reason, ...(grant.access.decision === undefined ? {} : { decision: grant.access.decision }) }, parts)
  }
}

async function refuse(exchange: Exchange, refusal: Refusal, parts: RequestParts): Promise<void> {
  const { record } = exchange
  record.reason = refusal.reason
  refuseNow(exchange, refusal, parts, refusal.permission === undefined ? undefined : await parts.tickets.get(refusal.permission, record.ip))
}

function refuseNow(exchange: Exchange, refusal: Refusal, parts: RequestParts, ticket?: TicketOutcome): void {
  const { request, response, head, record } = exchange
  if (response.headersSent || isGone(exchange)) return
  record.reason = refusal.reason
  try {
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
  } catch (cause) {
    // Called from events too, where nobody catches.
    parts.notice(`request ${record.requestId} could not be answered: ${messageOf(cause)}`)
    response.destroy()
  }
}
