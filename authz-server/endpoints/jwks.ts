// The public keys, RFC 7517 section 5. The next key is listed before it signs.
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'

export function jwks(_exchange: Exchange, context: Context): Answer {
  return answerJson(200, { keys: context.keyring.published().map((key) => ({ ...key, use: 'sig' })) })
}
