// POST /device_authorization (RFC 8628 section 3.1, 3.2): the codes for a device or an app, which has proved its key or will do so when it polls.
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { readScope } from '../http/read-scope.ts'
import { startPairing } from '../pairing/start-pairing.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'

export async function deviceAuthorization(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const scope = readScope(form)
  if (scope === undefined) return refuseOAuth('invalid_scope', DESCRIPTIONS.invalid_scope)
  const started = await startPairing(context, { client, proof: exchange.proof, scope, address: exchange.address }, exchange.now)
  if (started.ok) return answerJson(200, started.value)
  const refusal = started.error
  if (refusal.reason !== 'too_many_pairings') return refuseOAuth(refusal.reason, DESCRIPTIONS[refusal.reason])
  return answerJson(
    429,
    { error: 'temporarily_unavailable', error_description: 'too many pairings were started' },
    { 'retry-after': String(refusal.waitSeconds) },
  )
}

const DESCRIPTIONS = {
  invalid_scope: 'the scope is malformed, or wider than this client can have',
  unauthorized_client: 'this client cannot be paired: it needs the scope openid, or a device type from the configuration',
} as const
