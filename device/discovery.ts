// RFC 8414: finds the issuer's endpoints, and takes them only from the issuer itself and at the issuer's own origin.
import type { JsonObject } from '../protocol/encoding.ts'
import { ClientError } from './errors.ts'
import { checkOrigin } from './origins.ts'
import type { ClientPorts } from './ports.ts'
import { readAnswer } from './read-answer.ts'

const DISCOVERY_TIMEOUT_MILLISECONDS = 10_000

export interface Endpoints {
  readonly issuer: string
  readonly token: string
  readonly deviceAuthorization: string
}

/** Throws `ClientError`: `unreachable` is worth another try, `issuer_unusable` is not. */
export async function discoverEndpoints(issuer: string, ports: Pick<ClientPorts, 'fetch'>): Promise<Endpoints> {
  const origin = checkOrigin('issuer', issuer)
  const metadata = await fetchMetadata(origin, ports)
  if (metadata['issuer'] !== origin) {
    throw new ClientError('issuer_unusable', `issuer: the server at "${origin}" names a different issuer (RFC 8414 section 3.3)`)
  }
  return {
    issuer: origin,
    token: endpointOf(metadata, 'token_endpoint', origin),
    deviceAuthorization: endpointOf(metadata, 'device_authorization_endpoint', origin),
  }
}

async function fetchMetadata(origin: string, ports: Pick<ClientPorts, 'fetch'>): Promise<JsonObject> {
  const uri = `${origin}/.well-known/oauth-authorization-server`
  const signal = AbortSignal.timeout(DISCOVERY_TIMEOUT_MILLISECONDS)
  const answer = await ports
    .fetch(uri, { redirect: 'manual', signal, headers: { accept: 'application/json' } })
    .then(readAnswer)
    .catch((cause: unknown) => {
      throw new ClientError('unreachable', `issuer: "${origin}" does not respond; check the address and the network`, { cause })
    })
  if (answer.status >= 500) throw new ClientError('unreachable', `issuer: "${origin}" responds with ${answer.status} instead of its metadata`)
  if (answer.status !== 200) throw new ClientError('issuer_unusable', `issuer: "${origin}" has no authorization server metadata (status ${answer.status})`)
  return answer.body
}

function endpointOf(metadata: JsonObject, name: string, origin: string): string {
  const value = metadata[name]
  if (typeof value !== 'string' || !URL.canParse(value) || new URL(value).origin !== origin) {
    throw new ClientError('issuer_unusable', `issuer: its ${name} is missing or not at "${origin}"`)
  }
  return value
}
