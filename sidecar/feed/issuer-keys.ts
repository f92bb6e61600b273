// The issuer's published keys: the root of trust at the first start, and after a rotation that happened while we were away. Cooled down, bounded.
import { isJsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import type { FeedKey } from '../../protocol/feed/messages.ts'
import { FEED_CALL_MILLISECONDS, KEYS_FETCH_COOL_DOWN_SECONDS, KEYS_MAX_BYTES } from '../limits.ts'
import type { RefusalExplainer } from '../uma/explain-refusal.ts'
import { readBounded } from './read-bounded.ts'

export interface IssuerKeys {
  /** Undefined if they were asked for a moment ago, so that unknown keys cannot make us ask at every request. Throws if they cannot be had. */
  fetch(signal: AbortSignal): Promise<readonly FeedKey[] | undefined>
}

/** The server answers, but without its keys. */
export class KeysRefused extends Error {
  override readonly name = 'KeysRefused'
}

export interface IssuerKeysPorts {
  readonly explain: RefusalExplainer
  readonly issuer: string
  readonly fetch: typeof fetch
  readonly monotonic: () => number
}

export function createIssuerKeys(ports: IssuerKeysPorts): IssuerKeys {
  let fetchedAt: number | undefined
  return {
    async fetch(signal) {
      if (fetchedAt !== undefined && ports.monotonic() - fetchedAt < KEYS_FETCH_COOL_DOWN_SECONDS * 1000) return undefined
      const limit = AbortSignal.any([signal, AbortSignal.timeout(FEED_CALL_MILLISECONDS)])
      const response = await ports.fetch(`${ports.issuer}/jwks`, { redirect: 'error', signal: limit, headers: { accept: 'application/json' } })
      const body = parseJsonObject(await readBounded(response, KEYS_MAX_BYTES))
      const keys = response.status === 200 ? body?.['keys'] : undefined
      if (!Array.isArray(keys)) {
        const refusal = { status: response.status, date: response.headers.get('date'), body }
        throw new KeysRefused(`the authz server gave no keys: ${await ports.explain(refusal)}`)
      }
      fetchedAt = ports.monotonic()
      return keys.filter((key) => isJsonObject(key) && typeof key['kid'] === 'string') as FeedKey[]
    },
  }
}
