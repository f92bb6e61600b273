// What a decision asks for, sorted by who carries it out: the answer's transforms, the limits, the notices. An obligation that is not known here is refused.
import type {
  DelayObligation,
  HideObligation,
  LimitObligation,
  Obligation,
  OnlyFieldsObligation,
  RoundObligation,
} from '../../policies/contract/obligations.ts'
import { err, ok, type Result } from '../../protocol/result.ts'

export type AnswerObligation = HideObligation | OnlyFieldsObligation | RoundObligation | DelayObligation

export interface ObligationPlan {
  /** In the order in which they are carried out. */
  readonly answer: readonly AnswerObligation[]
  readonly limits: readonly LimitObligation[]
  /** Names of the rules whose owner is to be told. */
  readonly notify: readonly string[]
}

export const NO_OBLIGATIONS: ObligationPlan = { answer: [], limits: [], notify: [] }

/** What is too young goes first, then what is not to be seen; what is left is made coarser. */
const ORDER: readonly AnswerObligation['kind'][] = ['delay', 'only_fields', 'hide', 'round']

export function planObligations(obligations: readonly Obligation[]): Result<ObligationPlan, 'obligation_unknown'> {
  if (obligations.length === 0) return ok(NO_OBLIGATIONS)
  const answer: AnswerObligation[] = []
  const limits: LimitObligation[] = []
  const notify: string[] = []
  for (const obligation of obligations) {
    switch (obligation.kind) {
      case 'hide':
      case 'only_fields':
      case 'round':
      case 'delay':
        answer.push(obligation)
        break
      case 'limit':
        limits.push(obligation)
        break
      case 'notify':
        notify.push(obligation.rule)
        break
      default:
        return err('obligation_unknown')
    }
  }
  return ok({ answer: answer.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)), limits, notify })
}
