// Revokes a token for its client (RFC 7009 section 2.1): a refresh token with everything of its grant, an access token alone. Does not say what it found.

import type { RevocationEntry } from '../../protocol/feed/messages.ts'
import { parseJws } from '../../protocol/jws.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { CLOCK_TOLERANCE_SECONDS, verifyAccessToken } from '../../protocol/verify-access-token.ts'
import type { Context } from '../context.ts'
import { endGrant } from './end-grant.ts'
import { hashRefreshToken } from './issue-tokens.ts'

export interface TokenRevocation {
  readonly text: string
  /** Undefined: no client that may revoke anything. */
  readonly clientId: string | undefined
}

export async function revokeToken(context: Context, revocation: TokenRevocation, now: EpochSeconds): Promise<void> {
  const token = await context.store.read.refreshTokens.find(hashRefreshToken(revocation.text))
  if (token === undefined) return revokeAccessToken(context, revocation, now)
  const grant = await context.store.read.grants.find(token.grantId)
  if (grant === undefined || grant.clientId !== revocation.clientId) return
  await context.store.transaction((repositories) => endGrant(repositories, grant.id, now))
}

async function revokeAccessToken(context: Context, { text, clientId }: TokenRevocation, now: EpochSeconds): Promise<void> {
  const claims = verifyAccessToken(text, { issuer: context.config.issuer, audience: readAudience(text), findKey: context.keyring.find }, now)
  if (!claims.ok || claims.value.client_id !== clientId) return
  const { jti, exp } = claims.value
  const entry: RevocationEntry = { kind: 'revocation', of: 'token', id: jti, expires_at: exp + CLOCK_TOLERANCE_SECONDS }
  await context.store.transaction(async ({ revocations, feedLog }) => {
    await revocations.add(entry)
    await feedLog.append([entry], now)
  })
}

/** Whom it is for does not matter here: any audience that it names itself will do. */
function readAudience(text: string): string {
  const jws = parseJws(text)
  const audience = jws.ok ? jws.value.payload['aud'] : undefined
  return String(Array.isArray(audience) ? audience[0] : audience)
}
