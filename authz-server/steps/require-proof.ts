// The caller proves a key at an OAuth endpoint (RFC 9449 sections 5 and 8): the proof is checked, then used up in one step.
import { isNonceRefusal, type ProofRefusal, type ProofRefusalReason, verifyProof } from '../../protocol/dpop/verify-proof.ts'
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
      return refuseOAuth('invalid_dpop_proof', describeProofRefusal('proof_replayed'))
    case 'full':
      context.ports.log.error('replay_store_full')
      return refuseOAuth('temporarily_unavailable', 'too many proofs are remembered; try again in a moment')
  }
}

function refuseProof({ reason }: ProofRefusal, context: Context): Answer {
  const isForNonce = isNonceRefusal(reason)
  // Each client is asked for a nonce now and then: that is not a refusal to look at.
  context.ports.log[isForNonce ? 'debug' : 'info']('proof_refused', { reason })
  return refuseOAuth(isForNonce ? 'use_dpop_nonce' : 'invalid_dpop_proof', describeProofRefusal(reason))
}

const DESCRIPTIONS: { readonly [reason in ProofRefusalReason | 'proof_replayed']: string } = {
  proof_missing: 'the DPoP header is missing: tokens of this server are bound to a key, so the request needs a DPoP proof (RFC 9449)',
  proof_repeated: 'send exactly one DPoP header with one proof',
  proof_malformed: 'the DPoP proof is not a signed JWT with jti, htm, htu and iat, or its algorithm is not supported',
  proof_type: 'the typ of the DPoP proof must be dpop+jwt',
  proof_key_unusable: 'the jwk of the DPoP proof must be a public P-256 or Ed25519 key that matches its alg',
  proof_signature: 'the signature of the DPoP proof does not match its jwk',
  proof_method_mismatch: 'htm of the DPoP proof must be the method of this request',
  proof_uri_mismatch: 'htu of the DPoP proof must be the URI of this request, without its query',
  proof_nonce_missing: 'put the value of the DPoP-Nonce header into the nonce claim of the proof',
  proof_nonce_stale: 'the nonce of the DPoP proof has expired; use the value of the DPoP-Nonce header',
  proof_nonce_unknown: 'the nonce of the DPoP proof is not from this server; use the value of the DPoP-Nonce header',
  proof_token_mismatch: 'ath of the DPoP proof must be the hash of this access token',
  proof_key_mismatch: 'the DPoP proof was made with a different key than the one the token is bound to',
  proof_replayed: 'this DPoP proof was used before; make a new one for each request',
}

export function describeProofRefusal(reason: ProofRefusalReason | 'proof_replayed'): string {
  return DESCRIPTIONS[reason]
}

/** The lines of a header, one by one: Node joins repeated ones, which would hide a second proof. */
export function readHeaderLines(exchange: Exchange, name: string): readonly string[] {
  const { rawHeaders } = exchange.request
  const lines: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) lines.push(rawHeaders[index + 1] ?? '')
  }
  return lines
}
