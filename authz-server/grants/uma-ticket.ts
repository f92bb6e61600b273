// grant_type uma-ticket (UMA 2.0 Grant 3.3.1 and 3.3.6): parameters in, the outcome of the redemption out in the words of the specification.
import { parseScope } from '../../protocol/claims.ts'
import { GRANT_TYPES, ID_TOKEN_FORMAT, type TokenResponse } from '../../protocol/oauth/messages.ts'
import type { RequiredClaim } from '../../protocol/uma/messages.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { RPT_LIFETIME_SECONDS } from '../tokens/build-access-token.ts'
import { type RedemptionOutcome, redeemTicket } from '../uma/redeem-ticket.ts'
import type { Grant } from './grant.ts'

/** How long a client should wait before it asks again whether the owner has answered. */
export const REQUEST_SUBMITTED_INTERVAL_SECONDS = 5

export const umaTicket: Grant = { grantType: GRANT_TYPES.umaTicket, handle }

async function handle(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const proof = requireFact(exchange.proof, 'requireProof')
  const ticket = form.get('ticket')
  if (ticket === undefined) return refuseOAuth('invalid_request', 'ticket is missing')
  const claimToken = form.get('claim_token')
  const format = form.get('claim_token_format')
  if ((claimToken === undefined) !== (format === undefined)) return refuseOAuth('invalid_request', 'claim_token and claim_token_format must be sent together')
  const scopes = parseScope(form.get('scope'))
  if (scopes === undefined) return refuseOAuth('invalid_scope', 'the scope is malformed')
  const redemption = {
    ticket,
    // A format that we do not take counts as no claims: need_info then names the one that we do.
    claimToken: format === ID_TOKEN_FORMAT ? claimToken : undefined,
    clientId: client.client_id,
    extraScopes: scopes.filter((scope) => client.scopes.includes(scope)),
    proof,
  }
  return answerOutcome(await redeemTicket(context, redemption, exchange.now), context)
}

function answerOutcome(outcome: RedemptionOutcome, context: Context): Answer {
  switch (outcome.kind) {
    case 'issued': {
      // No `scope`: the permissions are inside (Grant 3.3.5).
      const response: TokenResponse = { access_token: outcome.token, token_type: 'DPoP', expires_in: RPT_LIFETIME_SECONDS }
      return answerJson(200, response, { pragma: 'no-cache' })
    }
    case 'need_info':
      return refuseOAuth('need_info', 'push an ID token of this server that is bound to the key of your proof', {
        ticket: outcome.ticket,
        required_claims: [describeRequiredClaim(context.config.issuer)],
      })
    case 'request_submitted':
      return refuseOAuth('request_submitted', 'the owner has been asked', { ticket: outcome.ticket, interval: REQUEST_SUBMITTED_INTERVAL_SECONDS })
    case 'request_denied':
      return refuseOAuth('request_denied', 'the owner does not allow this')
    case 'invalid_grant':
      return refuseOAuth('invalid_grant', 'the ticket is unknown, used, expired or not yours')
  }
}

function describeRequiredClaim(issuer: string): RequiredClaim {
  return {
    claim_token_format: [ID_TOKEN_FORMAT],
    claim_type: 'email',
    friendly_name: 'Who you are, with your e-mail address',
    issuer: [issuer],
    name: 'id_token',
  }
}
