// Calls to resource servers: adds token and proof, but only for origins that were configured, so that no other server can collect a token.
import type { ProvenRequest, ProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { ClientError } from './errors.ts'
import { checkOrigin, checkTransport } from './origins.ts'
import type { TokenKeeper } from './token-keeper.ts'

export type ResourceRequest = Omit<ProvenRequest, 'accessToken'>

export type OriginGuard = (uri: string) => string

/** Says the origin of a URI that may get tokens; throws `origin_not_configured` for any other. */
export function createOriginGuard(resourceServers: readonly string[]): OriginGuard {
  const allowed = new Set(resourceServers.map((text) => checkOrigin('resourceServers', text)))
  return (uri) => {
    const url = URL.canParse(uri) ? new URL(uri) : undefined
    if (url === undefined || !allowed.has(url.origin)) {
      throw new ClientError('origin_not_configured', `"${url?.origin ?? 'this address'}" is not in resourceServers; tokens are not sent anywhere else`)
    }
    checkTransport('resourceServers', url, 'origin_not_configured')
    return url.origin
  }
}

export interface ResourceFetchPorts {
  readonly provingFetch: ProvingFetch
  readonly keeper: TokenKeeper
  readonly guard: OriginGuard
}

/** Like `fetch`: resolves with whatever the server answers. A token that a server calls invalid is renewed once. */
export async function resourceFetch(ports: ResourceFetchPorts, uri: string, request: ResourceRequest = {}): Promise<Response> {
  ports.guard(uri)
  const { access_token } = await ports.keeper.tokens()
  const response = await ports.provingFetch(uri, { ...request, accessToken: access_token })
  if (!isTokenRefused(response)) return response
  await response.body?.cancel()
  const renewed = await ports.keeper.renew(access_token)
  return ports.provingFetch(uri, { ...request, accessToken: renewed.access_token })
}

/** RFC 6750 section 3.1 and RFC 9449 section 7.1. */
export function isTokenRefused(response: Response): boolean {
  return response.status === 401 && /error="?invalid_token/.test(response.headers.get('www-authenticate') ?? '')
}
