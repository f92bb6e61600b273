// POST /token: finds the grant that was named in the list of grants. What each one needs, it checks itself.
import type { Context } from '../context.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import { deviceCode } from '../grants/device-code.ts'
import type { Grant } from '../grants/grant.ts'
import { refreshToken } from '../grants/refresh-token.ts'
import { umaTicket } from '../grants/uma-ticket.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'

export const GRANTS: readonly Grant[] = [deviceCode, refreshToken, clientCredentials, umaTicket]

export async function token(exchange: Exchange, context: Context): Promise<Answer> {
  const grantType = requireFact(exchange.form, 'parseForm').get('grant_type')
  if (grantType === undefined) return refuseOAuth('invalid_request', 'grant_type is missing')
  const grant = GRANTS.find((known) => known.grantType === grantType)
  if (grant === undefined) {
    const known = GRANTS.map((one) => one.grantType).join(', ')
    return refuseOAuth('unsupported_grant_type', `grant_type must be one of: ${known}`)
  }
  const answer = await grant.handle(exchange, context)
  if (answer.status === 200) context.monitor.tokenIssued(grantType)
  return answer
}
