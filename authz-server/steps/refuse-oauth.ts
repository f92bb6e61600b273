// The answer to a refused OAuth request (RFC 6749 section 5.2). The status follows the code; the description is for developers and holds nothing secret.
import type { OAuthErrorCode } from '../../protocol/oauth/messages.ts'
import { type Answer, answerJson } from '../http/exchange.ts'

const STATUS: { readonly [code in OAuthErrorCode]?: number } = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  need_info: 403,
  request_denied: 403,
  request_submitted: 403,
  not_found: 404,
  unsupported_method_type: 405,
  server_error: 500,
  temporarily_unavailable: 503,
}

/** For every answer with status 503. */
const RETRY_SECONDS = 2

export function refuseOAuth(error: OAuthErrorCode, description: string, extra: Readonly<Record<string, unknown>> = {}): Answer {
  const headers: Record<string, string> = error === 'temporarily_unavailable' ? { 'retry-after': String(RETRY_SECONDS) } : {}
  return answerJson(STATUS[error] ?? 400, { error, error_description: description, ...extra }, headers)
}
