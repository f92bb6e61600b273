// Asks saved rules several questions at once. The module is the one that sidecars use (decision 0013).
import type { Decision } from '../../../policies/contract/decision.ts'
import { UNKNOWN_INPUT } from '../../../policies/contract/unknown-input.ts'
import type { CallHost } from '../../../policies/threads/serve-jobs.ts'
import { describeLimits } from '../describe-rules.ts'
import type { AssessJob, Assessment, PolicyHead, Question } from './job-types.ts'
import { type Judgement, judge } from './judge.ts'
import type { SavedRules } from './saved-rules.ts'

/** More explain nothing to anybody. */
const REASONS_MAX = 20

export async function assess({ policy, questions }: AssessJob, saved: SavedRules, call: CallHost): Promise<readonly Assessment[]> {
  return (await judgeAll(policy, questions, saved, call)).map(toAssessment)
}

export async function judgeAll(policy: PolicyHead, questions: readonly Question[], saved: SavedRules, call: CallHost): Promise<readonly Judgement[]> {
  const { ruleSet } = await saved.read(policy, call)
  const module = await saved.load(policy, call)
  return questions.map(({ input, mayAsk, isClientAuthenticated }) => {
    const claimed = module.evaluate(input)
    const isTrusted = isClientAuthenticated || isStopped(claimed)
    const decision = isTrusted ? claimed : module.evaluate({ ...input, party: { ...input.party, client_id: UNKNOWN_INPUT.party.client_id } })
    const judgement = judge(decision, ruleSet)
    return judgement.kind === 'ask' && !mayAsk ? { kind: 'denied' } : judgement
  })
}

function toAssessment(judgement: Judgement): Assessment {
  if (judgement.kind !== 'ask') return judgement
  const { share, reasons, eachTime } = judgement
  return { kind: 'ask', share: { line: share.line, name: share.name, limits: describeLimits(share) }, reasons: reasons.slice(0, REASONS_MAX), eachTime }
}

function isStopped({ reasons }: Decision): boolean {
  return reasons.some(({ code }) => code === 'blocked' || code === 'paused')
}
