// Forwards one request and streams its answer, with back-pressure both ways. Decides nothing: what is given here has been allowed.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerObligation } from '../obligations/answer-plan.ts'
import { RequestBody } from '../upstream/request-body.ts'
import { createUpstreamPool } from '../upstream/upstream-pool.ts'
import type { AnswerRules } from './answer-rules.ts'
import { type ForwardFault, ForwardHandler } from './forward-handler.ts'
import { buildRequestHead } from './request-head-text.ts'

export interface ForwardRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  /** The canonical path with the query. */
  readonly target: string
  /** A flat list; without `Host` and framing. */
  readonly headers: string[]
  /** How the request's body is framed. The upstream gets the same framing, written by the sidecar. */
  readonly body: 'none' | 'length' | 'chunked'
  readonly contentLength: string | undefined
  readonly expectsContinue: boolean
  /** The sidecar's own fields of the answer, a flat list. */
  readonly addedHeaders: readonly string[]
  /** What the operator has configured for fields of answers. */
  readonly answerRules?: AnswerRules
  /** What is to be done to the answer; empty: it passes untouched. */
  readonly obligations: readonly AnswerObligation[]
  /** Milliseconds since 1970; what is recent is judged by it. */
  readonly now: number
  /** No answer was begun: the caller of `forward` gives one. */
  readonly onFault: (fault: ForwardFault) => void
}

export interface ForwarderOptions {
  readonly upstream: string
  readonly answerMilliseconds: number
  readonly idleMilliseconds: number
  readonly connections?: number
}

export interface Forwarder {
  /** `abandon` lets go of the upstream and writes nothing more. */
  forward(request: ForwardRequest): { readonly abandon: () => void }
  close(): Promise<void>
}

export function createForwarder(options: ForwarderOptions): Forwarder {
  const pool = createUpstreamPool({
    origin: options.upstream,
    idleMilliseconds: options.idleMilliseconds,
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  })
  const { host } = new URL(options.upstream)
  const held = { bytes: 0 }
  return {
    forward(request) {
      const { answerMilliseconds } = options
      const body = buildBody(request)
      const isLast = isLastOfConnection(request.method, body !== undefined)
      const head = buildRequestHead({ ...request, host, isLast })
      const handler = new ForwardHandler({ pool, forward: request, head, body, isLast, answerMilliseconds, held })
      handler.start()
      return handler
    },
    close: pool.close,
  }
}

function buildBody({ request, response, body, contentLength, expectsContinue }: ForwardRequest): RequestBody | undefined {
  if (body === 'none' || contentLength === '0') return undefined
  return new RequestBody(request, {
    isChunked: body === 'chunked',
    onReady: () => {
      if (expectsContinue && !response.headersSent) response.writeContinue()
    },
  })
}

/** Servers that read no body here would take it for the next request of the connection. */
const READ_WITHOUT_BODY = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

/** Servers that answer HEAD with a body would have it taken for the response to the next request. */
function isLastOfConnection(method: string, hasBody: boolean): boolean {
  return hasBody ? READ_WITHOUT_BODY.has(method) : method === 'HEAD'
}
