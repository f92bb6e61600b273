// One call of the token endpoint, and the reading of a token answer (RFC 6749 section 5.1). Keeps nothing.
import type { ProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import type { JsonObject } from '../protocol/encoding.ts'
import type { TokenResponse } from '../protocol/oauth/messages.ts'
import { type Answer, readAnswer } from './read-answer.ts'

/** A server that takes longer counts as away. */
export const TOKEN_TIMEOUT_MILLISECONDS = 15_000

export interface FormPost {
  readonly endpoint: string
  readonly form: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** Undefined if no usable answer came: no connection, a time-out, or a fault of the server. The caller may try again. Rejects only when aborted. */
export async function postForm(provingFetch: ProvingFetch, post: FormPost): Promise<Answer | undefined> {
  const timeout = AbortSignal.timeout(TOKEN_TIMEOUT_MILLISECONDS)
  const signal = post.signal === undefined ? timeout : AbortSignal.any([post.signal, timeout])
  try {
    const response = await provingFetch(post.endpoint, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(post.form),
      signal,
    })
    const answer = await readAnswer(response)
    return answer.status >= 500 || answer.status === 429 ? undefined : answer
  } catch {
    post.signal?.throwIfAborted()
    return undefined
  }
}

/** A token answer; undefined unless it is complete and bound to a key (RFC 9449 section 5). */
export function parseTokenResponse(body: JsonObject): TokenResponse | undefined {
  const { access_token, token_type, expires_in, refresh_token, scope, id_token } = body
  if (typeof access_token !== 'string' || access_token === '') return undefined
  // A server that hands out bearer tokens would make a stolen one usable: refused.
  if (typeof token_type !== 'string' || token_type.toLowerCase() !== 'dpop') return undefined
  if (!Number.isSafeInteger(expires_in) || (expires_in as number) <= 0) return undefined
  return {
    access_token,
    token_type: 'DPoP',
    expires_in: expires_in as number,
    ...(typeof refresh_token === 'string' ? { refresh_token } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
    ...(typeof id_token === 'string' ? { id_token } : {}),
  }
}
