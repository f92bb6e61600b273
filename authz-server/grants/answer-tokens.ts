// A successful token answer (RFC 6749 section 5.1), never stored on its way.
import type { TokenResponse } from '../../protocol/oauth/messages.ts'
import { type Answer, answerJson } from '../http/exchange.ts'

export function answerTokens(response: TokenResponse): Answer {
  return answerJson(200, response, { pragma: 'no-cache' })
}
