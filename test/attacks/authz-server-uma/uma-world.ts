// What the UMA rows need beside a server: tokens of a sidecar, apps of requesters with ID tokens, and the grant as a client sees it.
import { randomUUID } from 'node:crypto'
import { buildAccessToken } from '../../../authz-server/tokens/build-access-token.ts'
import type { JsonObject } from '../../../protocol/encoding.ts'
import { type SigningKey, signJws } from '../../../protocol/jws.ts'
import { GRANT_TYPES, ID_TOKEN_FORMAT } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, newKey } from '../../support/authz-world.ts'

/** A sidecar's own token (PAT) and a fetch that proves its key. */
export function sidecar(world: AuthzWorld, clientId = 'sidecar-1', scope: readonly string[] = ['uma_protection']) {
  const key = newKey()
  const token = () =>
    buildAccessToken(
      {
        sub: clientId,
        aud: [world.origin],
        client_id: clientId,
        grant_id: `grant-${clientId}`,
        scope,
        cnf: { jkt: key.kid, jwk: key.jwk },
        lifetimeSeconds: 600,
      },
      world.context,
      world.now(),
    ).text
  const proving = world.provingFetch(key)
  const call = (path: string, method = 'GET', body?: unknown) =>
    proving(world.origin + path, {
      method,
      accessToken: token(),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
  return {
    call,
    /** A ticket for these scopes of this resource. */
    async ticket(resource_id: string | null, resource_scopes: readonly string[]): Promise<string> {
      const response = await call('/permission', 'POST', { resource_id, resource_scopes })
      if (response.status !== 201) throw new Error(`no ticket: ${response.status} ${await response.text()}`)
      return ((await response.json()) as { ticket: string }).ticket
    },
  }
}

export interface App {
  readonly key: SigningKey
  readonly clientId: string
  idToken(changes?: JsonObject, typ?: string): string
}

/** An app that its person has paired: a key, and ID tokens bound to it. */
export function app(world: AuthzWorld, person: { readonly id: string; readonly email: string }, clientId = 'band-app'): App {
  const key = newKey()
  return {
    key,
    clientId,
    idToken(changes = {}, typ = 'JWT') {
      const now = world.now()
      const claims = {
        iss: world.origin,
        sub: person.id,
        aud: clientId,
        azp: clientId,
        email: person.email,
        email_verified: true,
        jti: randomUUID(),
        iat: now,
        exp: now + 600,
      }
      return signJws(world.context.keyring.active(), { typ, payload: { ...claims, cnf: { jkt: key.kid, jwk: key.jwk }, ...changes } })
    },
  }
}

export interface GrantAnswer {
  readonly status: number
  readonly body: JsonObject & { readonly error?: string; readonly ticket?: string; readonly access_token?: string }
}

/** POST /token with a proof by this app's key. */
export async function redeem(
  world: AuthzWorld,
  by: Pick<App, 'key' | 'clientId'>,
  form: { readonly ticket?: string; readonly claim_token?: string; readonly claim_token_format?: string; readonly scope?: string },
): Promise<GrantAnswer> {
  const body = new URLSearchParams({ grant_type: GRANT_TYPES.umaTicket, client_id: by.clientId, ...form })
  const response = await world.provingFetch(by.key)(`${world.origin}/token`, { method: 'POST', body })
  return { status: response.status, body: (await response.json()) as GrantAnswer['body'] }
}

export const withClaims = (ticket: string, claim_token: string) => ({ ticket, claim_token, claim_token_format: ID_TOKEN_FORMAT })
