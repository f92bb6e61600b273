// A service's own token (client_credentials with a signed assertion, RFC 7523 section 2.2): for operators and programs, who act for themselves.
import type { ProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { buildBase64url } from '../protocol/encoding.ts'
import { type SigningKey, signJws } from '../protocol/jws.ts'
import { CLIENT_ASSERTION_JWT_TYPE, CLIENT_ASSERTION_TYPE, GRANT_TYPES } from '../protocol/oauth/messages.ts'
import { ClientError } from './errors.ts'
import type { ClientPorts } from './ports.ts'
import { describeAnswer } from './read-answer.ts'
import { parseTokenResponse, postForm } from './token-endpoint.ts'

/** Long enough for a slow network, short enough to be worthless afterwards. */
const ASSERTION_LIFETIME_SECONDS = 60

export interface ServiceTokenRequest {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly key: SigningKey
  readonly scope: string
}

/** Throws `ClientError`: `unreachable`, or `revoked` when the server does not take this client, key or scope. */
export async function fetchServiceToken(
  provingFetch: ProvingFetch,
  request: ServiceTokenRequest,
  ports: Pick<ClientPorts, 'clock' | 'randomBytes'>,
): Promise<string> {
  const answer = await postForm(provingFetch, {
    endpoint: request.tokenEndpoint,
    form: {
      grant_type: GRANT_TYPES.clientCredentials,
      scope: request.scope,
      client_id: request.clientId,
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: buildAssertion(request, ports),
    },
  })
  if (answer === undefined) throw new ClientError('unreachable', `the authorization server at ${request.issuer} does not respond`)
  const response = answer.status === 200 ? parseTokenResponse(answer.body) : undefined
  if (response === undefined) {
    throw new ClientError('revoked', `the authorization server refuses ${request.clientId} with scope ${request.scope} ${describeAnswer(answer)}`)
  }
  return response.access_token
}

function buildAssertion(request: ServiceTokenRequest, ports: Pick<ClientPorts, 'clock' | 'randomBytes'>): string {
  const now = ports.clock()
  return signJws(request.key, {
    typ: CLIENT_ASSERTION_JWT_TYPE,
    payload: {
      iss: request.clientId,
      sub: request.clientId,
      aud: request.issuer,
      iat: now,
      exp: now + ASSERTION_LIFETIME_SECONDS,
      jti: buildBase64url(ports.randomBytes(16)),
    },
  })
}
