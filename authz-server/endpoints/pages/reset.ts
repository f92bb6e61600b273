// GET and POST /reset: a person whose account was reset chooses a new password. The link that the operator passed on works once.
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { resetPage, resetUnusablePage } from '../../console/pages/reset.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { choosePassword, findReset } from '../../people/manage-account.ts'

export async function showReset(exchange: Exchange, context: Context): Promise<Answer> {
  const token = exchange.query.get('token') ?? ''
  const account = await findReset(context, token, exchange.now)
  return account === undefined ? answerUnusable(exchange, context) : answerPage(exchange, context, resetPage({ token, email: account.email }))
}

export async function submitReset(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parsePageForm')
  const [token, password] = [form.get('token') ?? '', form.get('password') ?? '']
  const chosen = await choosePassword(context, { token, password }, exchange.now)
  if (chosen.ok) return answerRedirect('/signin')
  const account = await findReset(context, token, exchange.now)
  if (chosen.error === 'reset_unusable' || account === undefined) return answerUnusable(exchange, context)
  return answerPage(exchange, context, { ...resetPage({ token, email: account.email, problem: chosen.error }), status: 422 })
}

function answerUnusable(exchange: Exchange, context: Context): Promise<Answer> {
  return answerPage(exchange, context, { ...resetUnusablePage(), status: 403 })
}
