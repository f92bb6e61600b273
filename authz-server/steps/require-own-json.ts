// JSON from our own origin: what a form or a script of another site cannot send without asking first (attack row C04). Refusals are JSON.
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'
import { readMediaType } from '../http/media-type.ts'
import { isSameOrigin } from './check-same-origin.ts'

export function requireOwnJson(exchange: Exchange, context: Context): Answer | undefined {
  if (!isSameOrigin(exchange, context.config.issuer))
    return refuse(403, 'foreign_request', 'The request came from another site. Send it from a page of this server, or from a program without a browser.')
  if (readMediaType(exchange.request) !== 'application/json')
    return refuse(415, 'invalid_request', 'The body must be JSON: send content-type application/json.')
  return undefined
}

function refuse(status: number, error: string, description: string): Answer {
  return answerJson(status, { error, error_description: description })
}
