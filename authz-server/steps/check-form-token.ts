// The form carries the token of this session (CSRF). A token of another session or person is as good as none (attack row C04).
import { answerRefusal } from '../console/pages/refusal.ts'
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { FORM_TOKEN_FIELD, isFormToken } from '../people/form-token.ts'

export async function checkFormToken(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  const signedIn = requireFact(exchange.signedIn, 'requireSession')
  const form = requireFact(exchange.form, 'parsePageForm')
  return isFormToken(form.get(FORM_TOKEN_FIELD), signedIn.csrfToken) ? undefined : answerRefusal(exchange, context, 'foreign_form')
}
