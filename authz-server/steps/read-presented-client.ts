// What a request says about its client (RFC 6749 section 2.3), by one method alone. Looks nothing up.
import { err, ok, type Result } from '../../protocol/result.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from './refuse-oauth.ts'
import { readHeaderLines } from './require-proof.ts'

export type PresentedClient =
  /** A name without a secret: a public client, or a device. */
  | { readonly kind: 'name'; readonly clientId: string }
  /** RFC 7523 section 2.2; `clientId` is the parameter `client_id`, if it came too. */
  | { readonly kind: 'assertion'; readonly assertion: string; readonly type: string; readonly clientId: string | undefined }

interface BasicCredentials {
  readonly id: string
  readonly secret: string
}

export function readPresentedClient(exchange: Exchange): Result<PresentedClient, Answer> {
  const basic = readBasic(exchange)
  if (!basic.ok) return basic
  const form = requireFact(exchange.form, 'parseForm')
  const assertion = form.get('client_assertion')
  const type = form.get('client_assertion_type')
  const methods = [basic.value !== undefined, form.has('client_secret'), assertion !== undefined || type !== undefined].filter(Boolean)
  if (methods.length > 1) return err(refuseOAuth('invalid_request', 'use only one client authentication method'))
  const clientId = form.get('client_id')
  if (basic.value !== undefined && clientId !== undefined && clientId !== basic.value.id)
    return err(refuseOAuth('invalid_request', 'the Authorization header and client_id name different clients'))
  if (form.has('client_secret') || (basic.value !== undefined && basic.value.secret !== '')) return err(refuseSecret(exchange))
  if (assertion === undefined && type === undefined) return readName(basic.value?.id ?? clientId)
  if (assertion === undefined || type === undefined)
    return err(refuseOAuth('invalid_request', 'client_assertion and client_assertion_type must be sent together'))
  return ok({ kind: 'assertion', assertion, type, clientId })
}

function readName(clientId: string | undefined): Result<PresentedClient, Answer> {
  return clientId === undefined ? err(refuseOAuth('invalid_client', 'client_id is missing')) : ok({ kind: 'name', clientId })
}

/** `Basic id:` with an empty secret is how some public clients send their id; it counts as `client_id` (RFC 6749 section 2.3.1). */
function readBasic(exchange: Exchange): Result<BasicCredentials | undefined, Answer> {
  const [line] = readHeaderLines(exchange, 'authorization')
  if (line === undefined) return ok(undefined)
  if (!/^basic(?: |$)/i.test(line)) return err(refuseScheme(exchange))
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(line) ?? []
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const id = decodeFormValue(text.slice(0, Math.max(0, colon)))
  const secret = decodeFormValue(text.slice(colon + 1))
  if (colon < 1 || id === undefined || secret === undefined) return err(refuseOAuth('invalid_request', 'the Basic credentials are malformed'))
  return ok({ id, secret })
}

/** RFC 6749 section 2.3.1: both halves are form-encoded. */
function decodeFormValue(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function refuseSecret(exchange: Exchange): Answer {
  return withChallenge(
    exchange,
    refuseOAuth('invalid_client', 'client secrets are not supported: use private_key_jwt, or no authentication for a public client'),
  )
}

function refuseScheme(exchange: Exchange): Answer {
  return withChallenge(exchange, refuseOAuth('invalid_client', 'this Authorization scheme is not a supported client authentication method'))
}

/** RFC 6749 section 5.2: a client that used the `Authorization` header is answered with a challenge. */
export function withChallenge(exchange: Exchange, answer: Answer): Answer {
  if (answer.status !== 401 || readHeaderLines(exchange, 'authorization').length === 0) return answer
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Basic realm="latchkey"' } }
}
