// The sidecar's own access token: client_credentials with private_key_jwt (RFC 7523) and DPoP. It is the PAT of UMA and the key to the feed.
import type { ProvingFetch } from '../../protocol/dpop/proving-fetch.ts'
import { buildBase64url, parseJsonObject } from '../../protocol/encoding.ts'
import { FEED_SCOPE } from '../../protocol/feed/messages.ts'
import { type SigningKey, signJws } from '../../protocol/jws.ts'
import { CLIENT_ASSERTION_JWT_TYPE, CLIENT_ASSERTION_TYPE, GRANT_TYPES } from '../../protocol/oauth/messages.ts'
import { type Clock, type MonotonicSeconds, readMonotonic } from '../../protocol/time.ts'
import { readBounded } from '../feed/read-bounded.ts'
import { AUTHZ_JSON_MAX_BYTES } from '../limits.ts'
import { AuthzAnswered } from './authz-answered.ts'
import type { RefusalExplainer } from './explain-refusal.ts'

export interface ServiceToken {
  /** A live token. Throws if none can be had. Callers at the same time share one request. */
  get(signal: AbortSignal): Promise<string>
  /** The server refused it: the next `get` asks for another. */
  forget(token: string): void
}

export interface ServiceTokenPorts {
  readonly issuer: string
  readonly clientId: string
  readonly key: SigningKey
  readonly clock: Clock
  readonly monotonic: () => number
  readonly randomBytes: (count: number) => Uint8Array
  readonly fetch: ProvingFetch
  /** Says why the authz server refuses. */
  readonly explain: RefusalExplainer
}

const SCOPE = `${FEED_SCOPE} uma_protection`
const ASSERTION_LIFETIME_SECONDS = 60
/** A token is renewed this long before its end, so that none expires under way. */
const RENEW_BEFORE_SECONDS = 30

export function createServiceToken(ports: ServiceTokenPorts): ServiceToken {
  let current: { readonly token: string; readonly renewAt: MonotonicSeconds } | undefined
  let pending: Promise<string> | undefined

  async function request(signal: AbortSignal): Promise<string> {
    const response = await ports.fetch(`${ports.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      // A string, so that it can be sent again when the server wants its nonce; the assertion is used up by the first only if that one is accepted.
      body: buildTokenForm(ports).toString(),
      signal,
    })
    const answer = parseJsonObject(await readBounded(response, AUTHZ_JSON_MAX_BYTES))
    if (response.status !== 200 || answer === undefined) {
      const refusal = { status: response.status, date: response.headers.get('date'), body: answer }
      throw new AuthzAnswered(`the authz server gave no service token: ${await ports.explain(refusal)}`, response.status)
    }
    const { access_token: token, expires_in: lifetime } = answer
    if (typeof token !== 'string' || typeof lifetime !== 'number') throw new Error('the authz server returned an invalid token response')
    current = { token, renewAt: readMonotonic(ports.monotonic) + Math.max(1, lifetime - RENEW_BEFORE_SECONDS) }
    return token
  }

  return {
    get(signal) {
      if (current !== undefined && readMonotonic(ports.monotonic) < current.renewAt) return Promise.resolve(current.token)
      pending ??= request(signal).finally(() => {
        pending = undefined
      })
      return pending
    },
    forget(token) {
      if (current?.token === token) current = undefined
    },
  }
}

function buildTokenForm(ports: ServiceTokenPorts): URLSearchParams {
  const now = ports.clock()
  const payload = {
    iss: ports.clientId,
    sub: ports.clientId,
    aud: ports.issuer,
    iat: now,
    exp: now + ASSERTION_LIFETIME_SECONDS,
    jti: buildBase64url(ports.randomBytes(16)),
  }
  return new URLSearchParams({
    grant_type: GRANT_TYPES.clientCredentials,
    client_id: ports.clientId,
    client_assertion_type: CLIENT_ASSERTION_TYPE,
    client_assertion: signJws(ports.key, { typ: CLIENT_ASSERTION_JWT_TYPE, payload }),
    scope: SCOPE,
  })
}
