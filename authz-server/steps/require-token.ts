// The caller holds a DPoP-bound token of this server with this scope, for an endpoint of the authz server itself (RFC 9449 section 7, RFC 9068).
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { isNonceRefusal, type Proof, verifyProof } from '../../protocol/dpop/verify-proof.ts'
import { SIGNATURE_ALGORITHMS } from '../../protocol/jwk.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { readMonotonic } from '../../protocol/time.ts'
import { verifyAccessToken } from '../../protocol/verify-access-token.ts'
import type { Context } from '../context.ts'
import { toDescription } from '../http/description.ts'
import { type Answer, answerJson, type Exchange, type Step } from '../http/exchange.ts'
import { refuseOAuth } from './refuse-oauth.ts'
import { describeProofRefusal, readHeaderLines } from './require-proof.ts'

interface TokenRefusal {
  readonly error: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce'
  /** For the log alone. */
  readonly reason: string
  readonly description: string
}

interface ReceivedToken {
  readonly text: string
  readonly claims: AccessTokenClaims
}

export function requireToken(scope: string): Step {
  return async (exchange, context) => {
    if (readHeaderLines(exchange, 'authorization').length === 0) return challenge()
    const token = readToken(exchange, context)
    if (!token.ok) return refuse(token.error, context)
    const proof = checkProof(token.value, exchange, context)
    if (!proof.ok) return refuse(proof.error, context)
    const { jkt, jti, replayableUntil } = proof.value
    const use = context.replay.remember(jkt, jti, replayableUntil, readMonotonic(context.ports.monotonic))
    if (use === 'full') return refuseOAuth('temporarily_unavailable', 'too many proofs are remembered; try again in a moment')
    if (use === 'replayed')
      return refuse({ error: 'invalid_dpop_proof', reason: 'proof_replayed', description: describeProofRefusal('proof_replayed') }, context)
    if (await context.store.read.revocations.isRevoked(token.value.claims)) return refuse(invalidToken('token_revoked'), context)
    if (!token.value.claims.scope.includes(scope)) return refuseScope(scope)
    exchange.token = token.value.claims
    exchange.proof = proof.value
    return undefined
  }
}

function readToken(exchange: Exchange, context: Context): Result<ReceivedToken, TokenRefusal> {
  const [authorization = '', ...more] = readHeaderLines(exchange, 'authorization')
  const text = /^DPoP ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
  if (/^bearer /i.test(authorization))
    return err(invalidToken('bearer_not_accepted', 'send Authorization: DPoP and a DPoP proof; bearer tokens are not accepted'))
  if (more.length > 0 || text === undefined)
    return err(invalidToken('authorization_unusable', 'send exactly one Authorization header: DPoP and the access token'))
  const expected = { issuer: context.config.issuer, audience: context.config.issuer, findKey: context.keyring.find }
  const claims = verifyAccessToken(text, expected, exchange.now)
  return claims.ok ? ok({ text, claims: claims.value }) : err(invalidToken(claims.error.reason))
}

function checkProof(token: ReceivedToken, exchange: Exchange, context: Context): Result<Proof, TokenRefusal> {
  const expected = {
    method: exchange.method,
    uri: context.config.issuer + exchange.path,
    nonces: context.nonces,
    accessToken: { text: token.text, jkt: token.claims.cnf.jkt },
  }
  const proof = verifyProof(readHeaderLines(exchange, 'dpop'), expected, readMonotonic(context.ports.monotonic))
  if (proof.ok) return proof
  const { reason } = proof.error
  const description = describeProofRefusal(reason)
  if (isNonceRefusal(reason)) return err({ error: 'use_dpop_nonce', reason, description })
  return err({ error: reason === 'proof_key_mismatch' ? 'invalid_token' : 'invalid_dpop_proof', reason, description })
}

function invalidToken(
  reason: string,
  description = 'the access token has expired, was revoked, or was not issued by this server for this server',
): TokenRefusal {
  return { error: 'invalid_token', reason, description }
}

function refuse(refusal: TokenRefusal, context: Context): Answer {
  context.ports.log[refusal.error === 'use_dpop_nonce' ? 'debug' : 'info']('token_refused', { reason: refusal.reason })
  return challenge(refusal)
}

function refuseScope(scope: string): Answer {
  const description = `the access token lacks the scope ${scope}`
  const authenticate = `DPoP error="insufficient_scope", error_description="${description}", scope="${scope}"`
  return answerJson(403, { error: 'insufficient_scope', error_description: description, scope }, { 'www-authenticate': authenticate })
}

const ALGORITHMS = `algs="${SIGNATURE_ALGORITHMS.join(' ')}"`

function challenge(refusal?: TokenRefusal): Answer {
  if (refusal === undefined) {
    return answerJson(
      401,
      { error: 'invalid_request', error_description: 'a DPoP-bound access token is required' },
      { 'www-authenticate': `DPoP ${ALGORITHMS}` },
    )
  }
  const { error } = refusal
  const description = toDescription(refusal.description)
  const authenticate = `DPoP error="${error}", error_description="${description}", ${ALGORITHMS}`
  return answerJson(401, { error, error_description: description }, { 'www-authenticate': authenticate })
}
