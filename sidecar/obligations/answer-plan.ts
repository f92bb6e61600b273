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
  /** Each once; the order in which they are carried out is the transform's. */
  readonly answer: readonly AnswerObligation[]
  readonly limits: readonly LimitObligation[]
  /** Names of the rules whose owner is to be told. */
  readonly notify: readonly string[]
}

export const NO_OBLIGATIONS: ObligationPlan = { answer: [], limits: [], notify: [] }

export function planObligations(obligations: readonly Obligation[]): Result<ObligationPlan, 'obligation_unknown'> {
  if (obligations.length === 0) return ok(NO_OBLIGATIONS)
  const answer = new Map<string, AnswerObligation>()
  const limits: LimitObligation[] = []
  const notify: string[] = []
  for (const obligation of obligations) {
    switch (obligation.kind) {
      case 'hide':
      case 'only_fields':
      case 'round':
      case 'delay':
        // Two shares may ask for the very same.
        answer.set(JSON.stringify(obligation), obligation)
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
  return ok({ answer: [...answer.values()], limits, notify })
}
