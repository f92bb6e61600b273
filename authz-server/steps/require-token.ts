// The caller holds a DPoP-bound token of ours with this scope, for an endpoint of the authz server itself (RFC 9449 section 7, RFC 9068).
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { isNonceRefusal, type Proof, verifyProof } from '../../protocol/dpop/verify-proof.ts'
import { SIGNATURE_ALGORITHMS } from '../../protocol/jwk.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { readMonotonic } from '../../protocol/time.ts'
import { verifyAccessToken } from '../../protocol/verify-access-token.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, type Step } from '../http/exchange.ts'
import { readHeaderLines } from './require-proof.ts'

interface TokenRefusal {
  readonly error: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce'
  /** For the log alone. */
  readonly reason: string
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
    if (use === 'full') return answerJson(503, { error: 'temporarily_unavailable' })
    if (use === 'replayed') return refuse({ error: 'invalid_dpop_proof', reason: 'proof_replayed' }, context)
    if (await context.store.read.revocations.isRevoked(token.value.claims)) return refuse({ error: 'invalid_token', reason: 'token_revoked' }, context)
    if (!token.value.claims.scope.includes(scope)) return answerJson(403, { error: 'insufficient_scope', scope })
    exchange.token = token.value.claims
    exchange.proof = proof.value
    return undefined
  }
}

function readToken(exchange: Exchange, context: Context): Result<ReceivedToken, TokenRefusal> {
  const [authorization = '', ...more] = readHeaderLines(exchange, 'authorization')
  const text = /^DPoP ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
  if (more.length > 0 || text === undefined) return err({ error: 'invalid_token', reason: 'authorization_unusable' })
  const expected = { issuer: context.config.issuer, audience: context.config.issuer, findKey: context.keyring.find }
  const claims = verifyAccessToken(text, expected, exchange.now)
  return claims.ok ? ok({ text, claims: claims.value }) : err({ error: 'invalid_token', reason: claims.error.reason })
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
  if (isNonceRefusal(reason)) return err({ error: 'use_dpop_nonce', reason })
  return err({ error: reason === 'proof_key_mismatch' ? 'invalid_token' : 'invalid_dpop_proof', reason })
}

function refuse(refusal: TokenRefusal, context: Context): Answer {
  context.ports.log.info('token_refused', { reason: refusal.reason })
  return challenge(refusal.error)
}

function challenge(error?: TokenRefusal['error']): Answer {
  const algs = `algs="${SIGNATURE_ALGORITHMS.join(' ')}"`
  if (error === undefined) {
    return answerJson(401, { error: 'invalid_request', error_description: 'a DPoP-bound access token is needed' }, { 'www-authenticate': `DPoP ${algs}` })
  }
  return answerJson(401, { error }, { 'www-authenticate': `DPoP error="${error}", ${algs}` })
}
