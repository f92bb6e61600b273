// Reads an application/x-www-form-urlencoded body. A parameter given twice is refused (RFC 6749 section 3.1), an empty one counts as absent.
import type { Answer, Exchange } from '../http/exchange.ts'
import { refuseOAuth } from './refuse-oauth.ts'

const FORM_MAX_PARAMETERS = 50

export function parseForm(exchange: Exchange): Answer | undefined {
  const type = exchange.request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return refuseOAuth('invalid_request', 'the body must be application/x-www-form-urlencoded')
  const form = new Map<string, string>()
  const seen = new Set<string>()
  for (const [name, value] of new URLSearchParams(exchange.body.toString('utf8'))) {
    if (seen.has(name)) return refuseOAuth('invalid_request', 'a parameter was given twice')
    if (seen.size >= FORM_MAX_PARAMETERS) return refuseOAuth('invalid_request', 'too many parameters')
    seen.add(name)
    if (value !== '') form.set(name, value)
  }
  exchange.form = form
  return undefined
}
