// `only: {proof: httpsig}`: how the caller proved possession of its key for this request (design of proofs: dpop, httpsig, session, mtls).
import { PROOF_METHODS, type ProofMethod } from '../contract/decision-input.ts'
import { ref } from '../rego/ast.ts'
import { ok } from '../result.ts'
import type { ConditionKind } from './condition-kind.ts'
import { asList, isOneOf, isSurelyOther, oneOrList, words } from './one-of.ts'

export interface ProofCondition {
  readonly kind: 'proof'
  readonly methods: readonly ProofMethod[]
}

export const proof: ConditionKind<ProofCondition> = {
  kind: 'proof',
  key: 'proof',
  place: 'only',
  schema: oneOrList(`a proof (${PROOF_METHODS.join(', ')}), or a list of them`, { enum: PROOF_METHODS }),
  read: (value) => ok({ kind: 'proof', methods: asList(value) as readonly ProofMethod[] }),
  write: ({ methods }) => words(methods),
  toRego: ({ methods }) => isOneOf(ref('input.proof.method'), methods),
  ruledOut: {
    toRego: ({ methods }) => isSurelyOther(ref('input.proof.method'), methods),
    holds: ({ methods }, { proof }) => proof.method !== null && !methods.includes(proof.method),
  },
  holds: ({ methods }, input) => input.proof.method !== null && methods.includes(input.proof.method),
  marks: ({ methods }) => methods.map((value) => ({ fact: 'proof', value })),
  reason: 'proof_too_weak',
  sentence: ({ methods }) => `with the proof ${methods.join(' or ')}`,
}
