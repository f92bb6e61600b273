// A refresh token is changed for new tokens, once (RFC 6749 section 6, RFC 9700 section 4.14). A second use ends the whole family.
import type { Proof } from '../../protocol/dpop/verify-proof.ts'
import type { TokenResponse } from '../../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { TokenGrant } from '../store/grants-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { endGrant } from './end-grant.ts'
import { findStanding } from './find-standing.ts'
import { hashRefreshToken, issueTokens } from './issue-tokens.ts'

export interface Refresh {
  readonly refreshToken: string
  readonly clientId: string
  readonly proof: Proof
  /** Empty: what the grant has. */
  readonly scope: readonly string[]
}

export type RefreshRefusal = 'invalid_grant' | 'invalid_scope'

/** Everything in one transaction, so that of many uses at the same moment exactly one is the first. */
export function refreshGrant(context: Context, refresh: Refresh, now: EpochSeconds): Promise<Result<TokenResponse, RefreshRefusal>> {
  const tokenHash = hashRefreshToken(refresh.refreshToken)
  return context.store.transaction(async (repositories): Promise<Result<TokenResponse, RefreshRefusal>> => {
    const token = await repositories.refreshTokens.find(tokenHash)
    const grant = token && (await repositories.grants.find(token.grantId))
    if (grant === undefined) return refuse(context, 'refresh_token_unknown')
    // Whoever lacks the key cannot do harm: neither get tokens nor end the family (attack row D12).
    if (grant.clientId !== refresh.clientId) return refuse(context, 'refresh_token_of_another_client')
    if (grant.jkt !== refresh.proof.jkt) return refuse(context, 'refresh_token_other_key')
    const scope = refresh.scope.length === 0 ? grant.scope : refresh.scope
    if (!scope.every((name) => grant.scope.includes(name))) return err('invalid_scope')
    if (!(await repositories.refreshTokens.useOnce(tokenHash, now))) return refuseUsed(context, { repositories, grant, wasUsed: token?.usedAt !== null }, now)
    const standing = await findStanding(repositories, grant)
    if (standing === undefined) return refuse(context, 'grant_ended')
    return ok(await issueTokens(context, repositories, { grant, ...standing, jwk: refresh.proof.jwk, scope, now }))
  })
}

/** Used twice: one of the two holders is not the rightful one, and nobody can tell which. */
async function refuseUsed(
  context: Context,
  { repositories, grant, wasUsed }: { readonly repositories: Repositories; readonly grant: TokenGrant; readonly wasUsed: boolean },
  now: EpochSeconds,
): Promise<Result<TokenResponse, RefreshRefusal>> {
  if (!wasUsed) return refuse(context, 'refresh_token_expired')
  if (await endGrant(repositories, grant.id, now)) context.ports.log.warn('refresh_token_reused', { grant_id: grant.id, client_id: grant.clientId })
  return refuse(context, 'refresh_token_reused')
}

function refuse(context: Context, reason: string): Result<TokenResponse, RefreshRefusal> {
  context.ports.log.info('refresh_refused', { reason })
  return err('invalid_grant')
}
