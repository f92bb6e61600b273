// POST /signout ends the session on the server, so that a copied cookie is worth nothing. GET only asks.
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { formToken } from '../../console/form-token-field.ts'
import { html } from '../../console/html.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { buildCookieRemoval, readCookie } from '../../people/session-cookie.ts'
import { endSession } from '../../people/sessions.ts'

export function showSignOut(exchange: Exchange, context: Context): Promise<Answer> {
  const signedIn = requireFact(exchange.signedIn, 'requireSession')
  const body = html`<form class="card" method="post" action="/signout">${formToken(signedIn)}<p>You will need your password to sign in again.</p><div class="actions"><button>Sign out</button><a class="button second" href="/">Stay</a></div></form>`
  return answerPage(exchange, context, { title: 'Sign out', width: 'narrow', body })
}

export async function submitSignOut(exchange: Exchange, context: Context): Promise<Answer> {
  const id = readCookie('session', exchange.request.headers.cookie, context.config.issuer)
  if (id !== undefined) await endSession(context, id)
  exchange.answerHeaders.set('set-cookie', [buildCookieRemoval('session', context.config.issuer)])
  return answerRedirect('/signin')
}
