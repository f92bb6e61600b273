// Carries out a permit: forwards the request with the sidecar's own fields, times its body, and answers for faults of the upstream.
import { decisionOf, type Permit } from '../enforcement/verdict.ts'
import { type Exchange, ownFields, type RequestParts } from '../exchange.ts'
import type { RequestHead } from '../http/request-head.ts'
import { refuseNow } from '../refuse/refuse-exchange.ts'
import { cutResponse } from './cut-response.ts'
import type { ForwardFault } from './forward-handler.ts'
import { addHop } from './hop-fields.ts'
import type { OpenForward } from './open-forwards.ts'
import { buildUpstreamHeaders } from './upstream-headers.ts'

export function forwardExchange(exchange: Exchange, head: RequestHead, permit: Permit, parts: RequestParts): void {
  const { request, response, record, now } = exchange
  record.forwarded = true
  const headers = buildUpstreamHeaders({
    head,
    permit,
    requestId: record.requestId,
    protocol: parts.protocol,
    publicHost: parts.publicHost,
    rules: parts.requestRules,
  })
  const { abandon } = parts.forwarder.forward({
    request,
    response,
    method: head.method,
    target: head.path + head.query,
    headers: addHop(head, headers),
    body: head.body,
    contentLength: head.contentLength,
    expectsContinue: exchange.kind === 'continue',
    addedHeaders: ownFields(exchange, head, parts),
    answerRules: parts.answerRules,
    obligations: permit.access.obligations.answer,
    now: now * 1000,
    onFault,
  })
  const isTimed = !permit.route.streaming && head.body !== 'none'
  const timer = isTimed ? setTimeout(onSlowBody, parts.requestMilliseconds) : undefined
  const open: OpenForward = { permit, record, response, abandon }
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
    if (!response.headersSent) refuseNow(exchange, { reason, ...decisionOf(permit.access) }, parts)
  }
}
