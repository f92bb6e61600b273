// One paired client: a device, or a person's app. Puts the parts together; each part is a file of its own.
import { createProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { ok, type Result } from '../protocol/result.ts'
import { discoverEndpoints, type Endpoints } from './discovery.ts'
import { encodeUri } from './encode-uri.ts'
import { checkOrigin } from './origins.ts'
import { type PairingRefusal, runPairing } from './pairing.ts'
import type { ClientPorts } from './ports.ts'
import { type AccessRefusal, type AccessRequest, requestAccess } from './request-access.ts'
import { createOriginGuard, type ResourceRequest, resourceFetch } from './resource-fetch.ts'
import { fingerprintWordsOf, type PairingCode } from './show-code.ts'
import { createTokenKeeper } from './token-keeper.ts'
import type { StoredTokens, TokenStore } from './token-store.ts'

export interface ClientConfig {
  /** Origin of the authz server. https, or http on this machine. */
  readonly issuer: string
  /** `device:<device id>` for a device, the registered id for an app. */
  readonly clientId: string
  readonly key: SigningKey
  readonly store: TokenStore
  /** Origins that may be called with tokens. Nothing else ever gets one. */
  readonly resourceServers: readonly string[]
}

export interface PairOptions {
  /** Space-separated abilities; all that the device's type brings if not given. Apps ask for `openid`. */
  readonly scope?: string
  readonly onCode: (code: PairingCode) => void
  readonly signal?: AbortSignal
}

export interface Client {
  /** Four words; the confirm page shows the same. */
  readonly fingerprintWords: readonly string[]
  /** True if there are tokens to work with; says nothing about whether the server still takes them. */
  isPaired(): boolean
  pair(options: PairOptions): Promise<Result<StoredTokens, PairingRefusal>>
  /** Calls a resource server with token and proof; answers its challenges. Throws `ClientError`. */
  fetch(uri: string, request?: ResourceRequest): Promise<Response>
  /** Calls a resource of somebody else; asks its owner where the rules say so. */
  requestAccess(access: AccessRequest): Promise<Result<Response, AccessRefusal>>
  /** The tokens in use, renewed if need be. */
  tokens(): Promise<StoredTokens>
}

export function createClient(config: ClientConfig, ports: ClientPorts): Client {
  const issuer = checkOrigin('issuer', config.issuer)
  const guard = createOriginGuard(config.resourceServers)
  const provingFetch = createProvingFetch(config.key, ports)
  const endpoints = rememberSuccess(() => discoverEndpoints(issuer, ports))
  const tokenEndpoint = async () => (await endpoints()).token
  const keeper = createTokenKeeper({ issuer, clientId: config.clientId, store: config.store, clock: ports.clock, provingFetch, tokenEndpoint })
  const access = { issuer, clientId: config.clientId, provingFetch, keeper, guard, tokenEndpoint, sleep: ports.sleep, tokens: new Map<string, string>() }

  return {
    fingerprintWords: fingerprintWordsOf(config.key.kid),
    isPaired: () => keeper.stored() !== undefined,
    async pair(options) {
      const request = { endpoints: await endpoints(), clientId: config.clientId, keyThumbprint: config.key.kid, ...options }
      const paired = await runPairing(provingFetch, request, ports)
      return paired.ok ? ok(keeper.accept(paired.value)) : paired
    },
    fetch: (uri, request) => resourceFetch({ provingFetch, keeper, guard }, encodeUri(uri), request),
    requestAccess: (request) => requestAccess(access, { ...request, uri: encodeUri(request.uri) }),
    tokens: () => keeper.tokens(),
  }
}

/** A failed look-up is tried again by the next caller. */
function rememberSuccess(load: () => Promise<Endpoints>): () => Promise<Endpoints> {
  let known: Promise<Endpoints> | undefined
  return () => {
    known ??= load().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}
