// Keeps one set of tokens alive: refreshes before they end, once at a time, and stores the new ones before anybody uses them.
import type { ProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { GRANT_TYPES, type TokenResponse } from '../protocol/oauth/messages.ts'
import type { Clock } from '../protocol/time.ts'
import { ClientError } from './errors.ts'
import { type Answer, describeAnswer } from './read-answer.ts'
import { parseTokenResponse, postForm } from './token-endpoint.ts'
import type { StoredTokens, TokenStore } from './token-store.ts'

/** Tokens are renewed this long before their end, so that none dies on the way. */
export const REFRESH_EARLY_SECONDS = 30

export interface TokenKeeper {
  /** Tokens that are alive by this client's clock. Throws `not_paired`, `revoked` or `unreachable`. */
  tokens(): Promise<StoredTokens>
  /** Says that a server refused this access token: the next ones are new. Does nothing if they are new already. */
  renew(refused: string): Promise<StoredTokens>
  /** Stores what a grant answered. */
  accept(response: TokenResponse): StoredTokens
  stored(): StoredTokens | undefined
}

export interface TokenKeeperPorts {
  readonly issuer: string
  readonly clientId: string
  readonly store: TokenStore
  readonly clock: Clock
  readonly provingFetch: ProvingFetch
  readonly tokenEndpoint: () => Promise<string>
}

export function createTokenKeeper(ports: TokenKeeperPorts): TokenKeeper {
  let refreshing: Promise<StoredTokens> | undefined

  function stored(): StoredTokens | undefined {
    const tokens = ports.store.load()
    return tokens?.issuer === ports.issuer && tokens.client_id === ports.clientId ? tokens : undefined
  }

  function required(): StoredTokens {
    const tokens = stored()
    if (tokens === undefined) throw new ClientError('not_paired', 'this client is not paired; pair it first')
    return tokens
  }

  function accept(response: TokenResponse): StoredTokens {
    const { token_type: _type, expires_in, ...rest } = response
    const tokens = { issuer: ports.issuer, client_id: ports.clientId, ...rest, expires_at: ports.clock() + expires_in }
    ports.store.save(tokens)
    return tokens
  }

  async function refresh(old: StoredTokens): Promise<StoredTokens> {
    if (old.refresh_token === undefined) throw new ClientError('not_paired', 'the tokens have expired and there is no refresh token; pair again')
    const answer = await postForm(ports.provingFetch, {
      endpoint: await ports.tokenEndpoint(),
      form: { grant_type: GRANT_TYPES.refreshToken, refresh_token: old.refresh_token, client_id: ports.clientId },
    })
    const response = readRefresh(answer, ports.store)
    // Servers may leave out what did not change (RFC 6749 section 6).
    return accept({ ...(old.scope === undefined ? {} : { scope: old.scope }), refresh_token: old.refresh_token, ...response })
  }

  function refreshOnce(old: StoredTokens): Promise<StoredTokens> {
    refreshing ??= refresh(old).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return {
    stored,
    accept,
    async tokens() {
      const tokens = required()
      return tokens.expires_at - REFRESH_EARLY_SECONDS > ports.clock() ? tokens : refreshOnce(tokens)
    },
    async renew(refused) {
      const tokens = required()
      return tokens.access_token === refused ? refreshOnce(tokens) : tokens
    },
  }
}

function readRefresh(answer: Answer | undefined, store: TokenStore): TokenResponse {
  if (answer === undefined) throw new ClientError('unreachable', 'the authorization server does not respond; try again later')
  const response = answer.status === 200 ? parseTokenResponse(answer.body) : undefined
  if (response !== undefined) return response
  if (answer.error === 'invalid_grant') {
    store.clear() // dead for good; a second use of a refresh token would only look like theft
    throw new ClientError('revoked', 'this pairing has ended: the owner revoked it or it expired; pair again')
  }
  if (answer.error === 'invalid_client' || answer.error === 'unauthorized_client') {
    throw new ClientError('revoked', `the authorization server refuses this client ${describeAnswer(answer)}: it is revoked, not active, or has another key`)
  }
  throw new ClientError('answer_unusable', `the authorization server refuses to renew the tokens ${describeAnswer(answer)}`)
}
