// The list of all obligations. A new one is a file beside this, its shape in the contract and a line here.
import type { Obligation } from '../contract/obligations.ts'
import { delay } from './delay.ts'
import { hide } from './hide.ts'
import { limit } from './limit.ts'
import { notify } from './notify.ts'
import type { ObligationKind } from './obligation-kind.ts'
import { onlyFields } from './only-fields.ts'
import { round } from './round.ts'

type Registry = { readonly [K in Obligation['kind']]: ObligationKind<Extract<Obligation, { readonly kind: K }>> }

export const OBLIGATIONS: Registry = { hide, only_fields: onlyFields, round, delay, limit, notify }

/** In the order in which they are read, emitted and told. */
export const OBLIGATION_KINDS: readonly ObligationKind<Obligation>[] = Object.values(OBLIGATIONS) as readonly ObligationKind<Obligation>[]

export function obligationSentence(obligation: Obligation): string {
  const must = 'must' in obligation && obligation.must === 'found' ? ', or nothing if that is missing' : ''
  return `${(OBLIGATIONS[obligation.kind] as ObligationKind<Obligation>).sentence(obligation)}${must}`
}
