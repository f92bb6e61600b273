// Proof of possession of a request's token: RFC 9449 section 4.3, then the replay set, in one step that cannot be interleaved.
import type { KeyObject } from 'node:crypto'
import type { ProofMethod } from '../../policies/contract/decision-input.ts'
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { type ProofRefusalReason, verifyProof } from '../../protocol/dpop/verify-proof.ts'
import type { NonceSource } from '../../protocol/nonce.ts'
import type { ReplayStore } from '../../protocol/replay.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { readMonotonic } from '../../protocol/time.ts'
import type { Lru } from '../lru.ts'

export type ProofCheckRefusal = ProofRefusalReason | 'proof_replayed' | 'replay_store_full'

export interface ProofPorts {
  readonly nonces: NonceSource
  readonly replays: ReplayStore
  readonly keys: Lru<KeyObject>
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
}

export interface ProvenRequest {
  readonly method: string
  /** The public origin with the canonical path: what `htu` has to name. */
  readonly uri: string
  readonly proofs: readonly string[]
  readonly token: { readonly text: string; readonly claims: AccessTokenClaims }
}

/** Gives the method by which possession of the key was proved. */
export function createProofCheck(ports: ProofPorts): (request: ProvenRequest) => Result<ProofMethod, ProofCheckRefusal> {
  const findKey = (jkt: string) => ports.keys.get(jkt)

  return (request) => {
    const now = readMonotonic(ports.monotonic)
    const { text, claims } = request.token
    const expected = { method: request.method, uri: request.uri, nonces: ports.nonces, accessToken: { text, jkt: claims.cnf.jkt }, findKey }
    const proof = verifyProof(request.proofs, expected, now)
    if (!proof.ok) return err(proof.error.reason)
    const use = ports.replays.remember(proof.value.jkt, proof.value.jti, proof.value.replayableUntil, now)
    if (use === 'first_use') return ok('dpop')
    return err(use === 'full' ? 'replay_store_full' : 'proof_replayed')
  }
}
