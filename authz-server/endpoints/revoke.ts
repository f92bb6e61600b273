// POST /revoke (RFC 7009): whoever holds a token may end it. A refresh token takes its whole grant along; an unknown token is answered like a known one.
import { parseAccessTokenClaims } from '../../protocol/claims.ts'
import { isSignedBy, parseJws } from '../../protocol/jws.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { hashRefreshToken } from '../tokens/issue-tokens.ts'
import { addRevocation, revokeGrant } from '../tokens/revoke-grant.ts'

/**
 * A public client names itself by `client_id` and proves itself by holding the token (section 2.1 asks that the token
 * was issued to it); a wrong owner of a token can thereby only end what should be ended.
 */
export async function revoke(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const text = form.get('token')
  const clientId = form.get('client_id')
  if (text === undefined) return refuseOAuth('invalid_request', 'token is missing')
  if (clientId === undefined) return refuseOAuth('invalid_client', 'client_id is missing')
  const held = { text, clientId }
  if (!(await revokeRefreshToken(context, held, exchange.now))) await revokeAccessToken(context, held, exchange.now)
  return { status: 200, body: { kind: 'none' } }
}

interface HeldToken {
  readonly text: string
  readonly clientId: string
}

async function revokeRefreshToken(context: Context, { text, clientId }: HeldToken, now: EpochSeconds): Promise<boolean> {
  const token = await context.store.read.grants.findRefreshToken(hashRefreshToken(text))
  const grant = token && (await context.store.read.grants.find(token.grantId))
  if (grant === undefined || grant.clientId !== clientId) return false
  await context.store.transaction((repositories) => revokeGrant(repositories, grant.id, now))
  context.ports.log.info('grant_revoked', { grant_id: grant.id })
  return true
}

async function revokeAccessToken(context: Context, { text, clientId }: HeldToken, now: EpochSeconds): Promise<void> {
  const jws = parseJws(text)
  const key = jws.ok && jws.value.kid !== undefined ? context.keyring.find(jws.value.kid) : undefined
  if (!jws.ok || key === undefined || !isSignedBy(jws.value, key)) return
  const claims = parseAccessTokenClaims(jws.value.payload)
  if (!claims.ok || claims.value.client_id !== clientId || claims.value.exp <= now) return
  const { jti, exp } = claims.value
  await context.store.transaction((repositories) => addRevocation(repositories, { kind: 'revocation', of: 'token', id: jti, expires_at: exp }, now))
  context.ports.log.info('token_revoked', { jti })
}
