// Reads an application/x-www-form-urlencoded body. A parameter given twice is refused (RFC 6749 section 3.2), an empty one counts as absent.
import type { Answer, Exchange } from '../http/exchange.ts'
import { refuseOAuth } from './refuse-oauth.ts'

const FORM_MAX_PARAMETERS = 50
const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-?8"?[ \t]*)?;?[ \t]*$/i
/** What OAuth reads from a body. In a query it would end up in logs (RFC 6749 sections 2.3.1 and 3.2). */
const BODY_PARAMETERS = [
  'access_token',
  'claim_token',
  'client_assertion',
  'client_assertion_type',
  'client_id',
  'client_secret',
  'device_code',
  'grant_type',
  'refresh_token',
  'scope',
  'ticket',
  'token',
]

export function parseForm(exchange: Exchange): Answer | undefined {
  if (!FORM_TYPE.test(exchange.request.headers['content-type']?.trim() ?? ''))
    return refuseOAuth('invalid_request', 'the body must be application/x-www-form-urlencoded, in UTF-8')
  const misplaced = BODY_PARAMETERS.find((name) => exchange.query.has(name))
  if (misplaced !== undefined) return refuseOAuth('invalid_request', `send ${misplaced} in the body, not in the query`)
  const text = decodeUtf8(exchange.body)
  if (text === undefined) return refuseOAuth('invalid_request', 'the body is not UTF-8')
  return readParameters(exchange, text)
}

function readParameters(exchange: Exchange, text: string): Answer | undefined {
  const form = new Map<string, string>()
  const seen = new Set<string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (seen.has(name)) return refuseOAuth('invalid_request', 'a parameter appears twice')
    if (seen.size >= FORM_MAX_PARAMETERS) return refuseOAuth('invalid_request', `there are more than ${FORM_MAX_PARAMETERS} parameters`)
    seen.add(name)
    // What URLSearchParams makes of percent-encoded bytes that are not UTF-8.
    if (name.includes('\ufffd') || value.includes('\ufffd')) return refuseOAuth('invalid_request', 'a parameter is not UTF-8')
    if (value !== '') form.set(name, value)
  }
  exchange.form = form
  return undefined
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
