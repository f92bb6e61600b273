// Calls the authz server's protected endpoints with the service token. One retry with a new token if the server says that the old one is no good.
import type { ProvenRequest, ProvingFetch } from '../../protocol/dpop/proving-fetch.ts'
import type { ServiceToken } from './service-token.ts'

export type ProtectedFetch = (path: string, request: Omit<ProvenRequest, 'accessToken'> & { readonly signal: AbortSignal }) => Promise<Response>

/** `path` starts with a slash and is appended to the issuer. */
export function createProtectedFetch(issuer: string, fetch: ProvingFetch, token: ServiceToken): ProtectedFetch {
  return async (path, request) => {
    const first = await token.get(request.signal)
    const response = await fetch(issuer + path, { ...request, accessToken: first })
    if (response.status !== 401) return response
    await response.body?.cancel()
    token.forget(first)
    return fetch(issuer + path, { ...request, accessToken: await token.get(request.signal) })
  }
}
