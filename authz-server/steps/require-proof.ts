// The caller proves a key at an OAuth endpoint (RFC 9449 sections 5 and 8): proof checked, then used up in one step.
import { isNonceRefusal, type ProofRefusal, verifyProof } from '../../protocol/dpop/verify-proof.ts'
import { readMonotonic } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'
import { refuseOAuth } from './refuse-oauth.ts'

export function requireProof(exchange: Exchange, context: Context): Answer | undefined {
  const expected = { method: exchange.method, uri: context.config.issuer + exchange.path, nonces: context.nonces }
  const proof = verifyProof(readHeaderLines(exchange, 'dpop'), expected, readMonotonic(context.ports.monotonic))
  if (!proof.ok) return refuseProof(proof.error, context)
  const { jkt, jti, replayableUntil } = proof.value
  switch (context.replay.remember(jkt, jti, replayableUntil, readMonotonic(context.ports.monotonic))) {
    case 'first_use':
      exchange.proof = proof.value
      return undefined
    case 'replayed':
      context.ports.log.info('proof_refused', { reason: 'proof_replayed' })
      return refuseOAuth('invalid_dpop_proof', 'this proof was used before')
    case 'full':
      context.ports.log.error('replay_store_full')
      return refuseOAuth('temporarily_unavailable')
  }
}

function refuseProof(refusal: ProofRefusal, context: Context): Answer {
  context.ports.log.info('proof_refused', { reason: refusal.reason })
  return isNonceRefusal(refusal.reason)
    ? refuseOAuth('use_dpop_nonce', 'put the nonce of the DPoP-Nonce header into the proof')
    : refuseOAuth('invalid_dpop_proof')
}

/** Each line of a header alone: Node joins repeated ones, which would hide a second proof. */
export function readHeaderLines(exchange: Exchange, name: string): readonly string[] {
  const { rawHeaders } = exchange.request
  const lines: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) lines.push(rawHeaders[index + 1] ?? '')
  }
  return lines
}
