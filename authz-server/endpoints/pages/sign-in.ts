// GET and POST /signin. The form is tied to a cookie set with it, so that nobody can sign a visitor in as somebody else (login CSRF).
import { buildBase64url } from '../../../protocol/encoding.ts'
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { type SignInFacts, signInPage } from '../../console/pages/sign-in.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { parseEmail } from '../../people/email.ts'
import { buildBeforeSignInToken, FORM_TOKEN_FIELD, isFormToken } from '../../people/form-token.ts'
import { parseNext } from '../../people/parse-next.ts'
import { buildCookie, buildCookieRemoval, readCookie } from '../../people/session-cookie.ts'
import { endSession } from '../../people/sessions.ts'
import { signIn } from '../../people/sign-in.ts'

const FORM_COOKIE_BYTES = 32

export async function showSignIn(exchange: Exchange, context: Context): Promise<Answer> {
  const next = parseNext(exchange.query.get('next'))
  return exchange.signedIn ? answerRedirect(next) : answerForm(exchange, context, { status: 200, next })
}

export async function submitSignIn(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parsePageForm')
  const { issuer } = context.config
  const next = parseNext(form.get('next'))
  const formCookie = readCookie('before_sign_in', exchange.request.headers.cookie, issuer)
  const isOurs = formCookie !== undefined && isFormToken(form.get(FORM_TOKEN_FIELD), buildBeforeSignInToken(formCookie))
  const email = form.get('email') ?? ''
  if (!isOurs) return answerStaleForm(exchange, context, { next, email })
  const session = await signIn(context, { email, password: form.get('password') ?? '', address: exchange.address }, exchange.now)
  if (!session.ok) {
    if (session.error.reason !== 'too_many_attempts')
      return answerForm(exchange, context, { status: 401, next, email, problem: { kind: session.error.reason } })
    const { reason, waitSeconds } = session.error
    const answer = await answerForm(exchange, context, { status: 429, next, email, problem: { kind: reason, waitSeconds } })
    return { ...answer, headers: { ...answer.headers, 'retry-after': String(waitSeconds) } }
  }
  // A session that this browser had before ends: the id is new at each sign-in, and one browser has one session.
  const former = readCookie('session', exchange.request.headers.cookie, issuer)
  if (former !== undefined) await endSession(context, former)
  exchange.answerHeaders.set('set-cookie', [buildCookie('session', session.value, issuer), buildCookieRemoval('before_sign_in', issuer)])
  return answerRedirect(next)
}

/** The form was sent twice, or from a page that was opened before signing in: a person who is signed in by now has what the form was for. */
function answerStaleForm(exchange: Exchange, context: Context, { next, email }: { readonly next: string; readonly email: string }): Promise<Answer> | Answer {
  const { signedIn } = exchange
  if (signedIn !== undefined && parseEmail(email) === signedIn.email) return answerRedirect(next)
  return answerForm(exchange, context, { status: 403, next, email, problem: { kind: 'form_too_old', signedInAs: signedIn?.email } })
}

async function answerForm(exchange: Exchange, context: Context, facts: Omit<SignInFacts, 'formToken'> & { readonly status: number }): Promise<Answer> {
  const { issuer } = context.config
  const { status, ...rest } = facts
  const known = readCookie('before_sign_in', exchange.request.headers.cookie, issuer)
  const cookie = known ?? buildBase64url(context.ports.randomBytes(FORM_COOKIE_BYTES))
  if (known === undefined) exchange.answerHeaders.set('set-cookie', [buildCookie('before_sign_in', cookie, issuer)])
  return answerPage(exchange, context, { ...signInPage({ ...rest, formToken: buildBeforeSignInToken(cookie) }), status })
}
