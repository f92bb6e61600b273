// A `fetch` that proves possession of one key on each request and answers a server's nonce challenges (RFC 9449 sections 8 and 9).
import { buildBase64url } from '../encoding.ts'
import type { SigningKey } from '../jws.ts'
import type { Clock } from '../time.ts'
import { buildProof } from './proof.ts'

export interface ProvingFetchPorts {
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly randomBytes: (count: number) => Uint8Array
}

export interface ProvenRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A text or bytes: something that can be sent a second time when the server wants its nonce. */
  readonly body?: string | Uint8Array | URLSearchParams
  /** Sent as `Authorization: DPoP` and bound into the proof. */
  readonly accessToken?: string
  readonly signal?: AbortSignal
}

export type ProvingFetch = (uri: string, request?: ProvenRequest) => Promise<Response>

/** Origins whose nonce is remembered; a client talks to a handful. */
const NONCE_MAX_ORIGINS = 100

/** A nonce may end while a request is under way; a server that refuses every one is answered no longer. */
const NONCE_MAX_TRIES = 3

/** Nonces are kept per origin, the newest wins (RFC 9449 section 8.2). Redirects are never followed: a proof is for one URI. */
export function createProvingFetch(key: SigningKey, ports: ProvingFetchPorts): ProvingFetch {
  const nonces = new Map<string, string>()

  async function send(uri: string, request: ProvenRequest): Promise<Response> {
    const method = request.method ?? 'GET'
    // What `fetch` will send, e.g. with a space percent-encoded: the proof must name exactly that.
    const { origin, href } = new URL(uri)
    const proof = buildProof(key, {
      method,
      uri: href,
      now: ports.clock(),
      jti: buildBase64url(ports.randomBytes(16)),
      nonce: nonces.get(origin),
      accessToken: request.accessToken,
    })
    const headers: Record<string, string> = { ...request.headers, dpop: proof }
    if (request.accessToken !== undefined) headers['authorization'] = `DPoP ${request.accessToken}`
    const response = await ports.fetch(uri, {
      method,
      headers,
      redirect: 'manual',
      ...(request.body === undefined ? {} : { body: request.body as NonNullable<RequestInit['body']> }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    const nonce = response.headers.get('dpop-nonce')
    if (nonce !== null) {
      if (nonces.size >= NONCE_MAX_ORIGINS && !nonces.has(origin)) nonces.clear()
      nonces.set(origin, nonce)
    }
    return response
  }

  return async (uri, request = {}) => {
    for (let tries = 1; ; tries += 1) {
      const response = await send(uri, request)
      if (tries === NONCE_MAX_TRIES || !(await isNonceChallenge(response))) return response
      await response.body?.cancel() // frees the connection for the next try
    }
  }
}

/** A resource server says it in `WWW-Authenticate` (section 9), an authorization server in the body (section 8). */
async function isNonceChallenge(response: Response): Promise<boolean> {
  if (!response.headers.has('dpop-nonce')) return false
  if (response.status === 401) return /error="?use_dpop_nonce/.test(response.headers.get('www-authenticate') ?? '')
  if (response.status !== 400) return false
  const body = (await response
    .clone()
    .json()
    .catch(() => undefined)) as { error?: unknown } | undefined
  return body?.error === 'use_dpop_nonce'
}
