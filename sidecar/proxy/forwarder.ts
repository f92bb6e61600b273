// Forwards one request and streams its answer, with back-pressure both ways. Decides nothing: what is given here has been allowed.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher, Pool } from 'undici'
import type { AnswerObligation } from '../obligations/answer-plan.ts'
import type { AnswerRules } from './answer-rules.ts'
import { type ForwardFault, ForwardHandler } from './forward-handler.ts'
import { RequestBody } from './request-body.ts'
import { createUpstreamPool } from './upstream-pool.ts'

export interface ForwardRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  /** The canonical path with the query. */
  readonly target: string
  /** A flat list; without `Host` and framing. */
  readonly headers: string[]
  /** How the request's body is framed; the upstream gets the same framing, made anew. */
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
  const pool: Pool = createUpstreamPool({
    origin: options.upstream,
    idleMilliseconds: options.idleMilliseconds,
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  })
  const held = { bytes: 0 }
  return {
    forward(request) {
      const dispatch = buildDispatch(request)
      const handler = new ForwardHandler({ pool, dispatch, forward: request, answerMilliseconds: options.answerMilliseconds, held })
      handler.start()
      return handler
    },
    close: () => pool.destroy(),
  }
}

function buildDispatch(forward: ForwardRequest): Dispatcher.DispatchOptions {
  const { request, response, method, target: path, headers } = forward
  if (forward.body === 'none' || forward.contentLength === '0') return { path, method, headers, body: null }
  if (forward.contentLength !== undefined) headers.push('content-length', forward.contentLength)
  const body = new RequestBody(request, () => {
    if (forward.expectsContinue && !response.headersSent) response.writeContinue()
  })
  return { path, method, headers, body, reset: READ_WITHOUT_BODY.has(method) }
}

/** Servers that read no body here would take it for the next request of the connection; so this one is its last. */
const READ_WITHOUT_BODY = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])
