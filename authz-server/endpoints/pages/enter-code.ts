// GET and POST /device: a person types the code that a device shows. A link that carries the code fills in the field and does nothing else.
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { type EnterCodeFacts, enterCodePage } from '../../console/pages/enter-code.ts'
import { buildPairingHandle } from '../../console/pairing-handle.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { lookUpCode } from '../../pairing/look-up-code.ts'
import { showTypedCode, TYPED_MAX_CHARACTERS } from '../../pairing/typed-code.ts'
import { normalizeUserCode } from '../../pairing/user-code.ts'

export function showEnterCode(exchange: Exchange, context: Context): Promise<Answer> {
  const given = (exchange.query.get('user_code') ?? '').slice(0, TYPED_MAX_CHARACTERS)
  return answerForm(exchange, context, { status: 200, code: showTypedCode(given), cameByLink: given !== '' })
}

export async function submitCode(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId, csrfToken } = requireFact(exchange.signedIn, 'requireSession')
  const typed = requireFact(exchange.form, 'parsePageForm').get('user_code') ?? ''
  // Counted per person: signing in again gives no new tries.
  const found = await lookUpCode(context, { userCode: typed, personId, sessionKey: personId, address: exchange.address }, exchange.now)
  if (found.ok) {
    const userCode = normalizeUserCode(typed) ?? ''
    return answerRedirect(`/device/confirm?pairing=${buildPairingHandle({ pairingId: found.value.id, userCode }, csrfToken)}`)
  }
  const facts = { code: showTypedCode(typed), cameByLink: false, problem: found.error }
  if (found.error.reason !== 'too_many_tries') return answerForm(exchange, context, { ...facts, status: 422 })
  const answer = await answerForm(exchange, context, { ...facts, status: 429 })
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(found.error.waitSeconds) } }
}

function answerForm(exchange: Exchange, context: Context, facts: Omit<EnterCodeFacts, 'session'> & { readonly status: number }): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const { status, ...rest } = facts
  return answerPage(exchange, context, { ...enterCodePage({ ...rest, session }), status })
}
