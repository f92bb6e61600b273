// A call of a program in the owner's own browser or with the owner's session: JSON, from our own origin, signed in. Refusals are JSON; nobody is led to a page.
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'
import { readMediaType } from '../http/media-type.ts'
import { isSameOrigin } from './check-same-origin.ts'
import { findSession } from './require-session.ts'

export async function requireOwner(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  if (!isSameOrigin(exchange, context.config.issuer))
    return refuse(403, 'foreign_request', 'The request came from another site. Send it from a page of this server, or from a program without a browser.')
  // A form or a script of another site can send text, but not this type without asking first (attack row C04).
  const type = readMediaType(exchange.request)
  if (type !== 'application/json') return refuse(415, 'invalid_request', 'The body must be JSON: send content-type application/json.')
  await findSession(exchange, context)
  return exchange.signedIn === undefined ? refuse(401, 'signed_out', 'You are not signed in. Sign in and send the session cookie.') : undefined
}

function refuse(status: number, error: string, description: string): Answer {
  return answerJson(status, { error, error_description: description })
}
