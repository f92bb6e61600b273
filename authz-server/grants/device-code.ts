// grant_type device_code (RFC 8628 section 3.4): a poll in, tokens or the state of the pairing out.
import { GRANT_TYPES } from '../../protocol/oauth/messages.ts'
import type { Context } from '../context.ts'
import { type Answer, type Exchange, requireFact } from '../http/exchange.ts'
import { type PollRefusal, redeemPairing } from '../pairing/redeem-pairing.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { answerTokens } from './answer-tokens.ts'
import type { Grant } from './grant.ts'

export const deviceCode: Grant = { grantType: GRANT_TYPES.deviceCode, handle }

async function handle(exchange: Exchange, context: Context): Promise<Answer> {
  const form = requireFact(exchange.form, 'parseForm')
  const client = requireFact(exchange.client, 'authenticateClient')
  const proof = requireFact(exchange.proof, 'requireProof')
  const code = form.get('device_code')
  if (code === undefined) return refuseOAuth('invalid_request', 'device_code is missing')
  const redeemed = await redeemPairing(context, { deviceCode: code, clientId: client.client_id, proof }, exchange.now)
  return redeemed.ok ? answerTokens(redeemed.value) : refuseOAuth(redeemed.error, DESCRIPTIONS[redeemed.error])
}

const DESCRIPTIONS: { readonly [refusal in PollRefusal]: string } = {
  authorization_pending: 'the person has not answered yet; poll again after the interval',
  slow_down: 'this poll came too early; wait 5 seconds longer between polls from now on',
  access_denied: 'the person denied the request',
  expired_token: 'the code has expired; start again',
  invalid_grant: 'the device code is unknown or used, or belongs to another client or key',
}
