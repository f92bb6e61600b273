// One request from its head to its audit line: read strictly, enforce, then forward or refuse. The order of the checks is in enforcement/enforce.ts.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isSpokenVersion, prepareOldAnswer } from '../system/http/http-version.ts'
import { messageOf } from '../system/message-of.ts'
import { noteDecision, type RequestRecord } from './audit/audit-log.ts'
import { countUse, enforce } from './enforcement/enforce.ts'
import type { Permit } from './enforcement/verdict.ts'
import { type Exchange, isGone, ownFields, type RequestParts } from './exchange.ts'
import type { RequestKind } from './http/create-listener.ts'
import { startMeter } from './http/exchange-meter.ts'
import { type RequestHead, readRequestHead } from './http/request-head.ts'
import { FORWARDS_MAX } from './limits.ts'
import { hasCondition } from './obligations/body-fields.ts'
import { cutResponse } from './proxy/cut-response.ts'
import { forwardExchange } from './proxy/forward-exchange.ts'
import { readMaxForwards } from './proxy/hop-fields.ts'
import type { RefusalReason } from './refuse/refusal.ts'
import { refuse, refuseNow } from './refuse/refuse-exchange.ts'

export interface RequestHandler {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, kind: RequestKind) => void
  /** The request broke off in its body and was answered outside of `response`: ends the forward and writes the audit line. */
  readonly noteBroken: (response: ServerResponse, broken: { readonly reason: RefusalReason; readonly status: number }) => void
}

export function createRequestHandler(parts: RequestParts): RequestHandler {
  const exchanges = new WeakMap<ServerResponse, { readonly exchange: Exchange; readonly finish: () => void }>()

  function onRequest(request: IncomingMessage, response: ServerResponse, kind: RequestKind): void {
    const now = parts.clock()
    const record: RequestRecord = { requestId: parts.newRequestId(), at: now, peer: parts.peers.of(request) }
    const exchange: Exchange = { request, response, kind, record, now, isOver: false }
    const meter = startMeter(request, parts.monotonic)

    function finish(): void {
      if (exchange.isOver) return
      exchange.isOver = true
      exchange.release?.()
      Object.assign(record, meter())
      parts.audit.write(record)
      parts.metrics.count(record)
    }

    exchanges.set(response, { exchange, finish })
    if (parts.isStopping()) response.shouldKeepAlive = false
    prepareOldAnswer(request, response)
    response.once('close', () => {
      record.status ??= response.headersSent ? response.statusCode : 0
      if (!response.writableFinished) record.reason ??= 'client_gone'
      finish()
    })
    handle(exchange, parts).catch((cause: unknown) => onInternalFault(exchange, cause, parts))
  }

  return {
    onRequest,
    noteBroken(response, { reason, status }) {
      const known = exchanges.get(response)
      if (known === undefined) return
      Object.assign(known.exchange.record, { reason, status })
      known.finish()
    },
  }
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
  const { request, record } = exchange
  const head = readRequestHead(request, { hosts: parts.hosts, isSpokenVersion: isSpokenVersion(request, parts.peers), peer: record.peer })
  if (!head.ok) return refuse(exchange, { reason: head.error }, parts)
  noteHead(exchange, head.value)
  // Node takes any value that contains that word for the expectation it knows.
  if (head.value.expect !== undefined && head.value.expect.toLowerCase() !== '100-continue') return refuse(exchange, { reason: 'expectation_unknown' }, parts)
  if (exchange.kind === 'upgrade' && head.value.upgrade?.toLowerCase() !== 'websocket') return refuse(exchange, { reason: 'upgrade_refused' }, parts)
  const preflight = parts.cors.preflightFor(head.value)
  if (preflight !== undefined) return answerPreflight(exchange, preflight)

  const verdict = await enforce(head.value, parts.enforcement, exchange.now)
  Object.assign(exchange.record, verdict.findings)
  if (verdict.effect === 'deny') return refuse(exchange, verdict.refusal, parts)
  noteDecision(exchange.record, verdict.permit.access)
  return carryOut(exchange, { head: head.value, permit: verdict.permit }, parts)
}

interface Permitted {
  readonly head: RequestHead
  readonly permit: Permit
}

async function carryOut(exchange: Exchange, { head, permit }: Permitted, parts: RequestParts): Promise<void> {
  if (exchange.kind === 'upgrade') return refuse(exchange, { reason: 'upgrade_not_supported' }, parts)
  const local = answerLocally(exchange, { head, permit }, parts)
  if (local !== undefined) return local
  const isFull = () => parts.openForwards.size() >= FORWARDS_MAX
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (isGone(exchange)) return
  const use = await countUse(permit, parts.enforcement, exchange.now)
  if (!use.ok) return refuse(exchange, use.error, parts)
  const { notify } = permit.access.obligations
  if (notify.length > 0) exchange.record.notify = notify
  // Others may have come while the use was written to disk.
  if (isFull()) return refuse(exchange, { reason: 'too_many_requests_in_flight' }, parts)
  if (!isGone(exchange)) forwardExchange(exchange, head, permit, parts)
}

/** Allowed requests that go no further all the same; undefined for all others. */
function answerLocally(exchange: Exchange, { head, permit }: Permitted, parts: RequestParts): Promise<void> | undefined {
  if (head.method === 'OPTIONS') {
    // RFC 9110 section 7.6.2: this hop is the one that was asked.
    if (readMaxForwards(head.rawHeaders) !== 0) return undefined
    const allow = parts.enforcement.routes.methodsOf(head.path).join(', ')
    exchange.response.writeHead(204, ['allow', allow, ...ownFields(exchange, head, parts)])
    exchange.response.end()
    return Promise.resolve()
  }
  if (permit.access.obligations.answer.length === 0 || head.method === 'GET' || head.method === 'HEAD') return undefined
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
