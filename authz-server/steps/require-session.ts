// Somebody is signed in. If not: a page to look at leads to the sign-in page and back, a form that would change something is refused.
import { answerRedirect } from '../console/answer-page.ts'
import { answerRefusal, type PageRefusal } from '../console/pages/refusal.ts'
import type { Context } from '../context.ts'
import type { Answer, Exchange, Step } from '../http/exchange.ts'
import { parseNext } from '../people/parse-next.ts'
import { readCookie } from '../people/session-cookie.ts'
import { findSignedIn } from '../people/sessions.ts'

export const requireSession: Step = requireSessionOr('signed_out')

/** `refusal`: what a form without a session gets. */
export function requireSessionOr(refusal: PageRefusal): Step {
  return async (exchange, context) => {
    await findSession(exchange, context)
    if (exchange.signedIn !== undefined) return undefined
    return exchange.method === 'GET' || exchange.method === 'HEAD' ? leadToSignIn(exchange) : answerRefusal(exchange, context, refusal)
  }
}

function leadToSignIn(exchange: Exchange): Answer {
  const query = exchange.query.toString()
  const next = parseNext(query === '' ? exchange.path : `${exchange.path}?${query}`)
  return answerRedirect(next === '/' ? '/signin' : `/signin?next=${encodeURIComponent(next)}`)
}

/** For pages that look different to people who are signed in, but refuse nobody. */
export async function findSession(exchange: Exchange, context: Context): Promise<undefined> {
  const id = readCookie('session', exchange.request.headers.cookie, context.config.issuer)
  const signedIn = id === undefined ? undefined : await findSignedIn(context, id, exchange.now)
  if (signedIn !== undefined) exchange.signedIn = signedIn
}
