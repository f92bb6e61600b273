// The owner's rules with an approval added, built and ready to be saved: the limits of the share that let them ask stay.
import { appendShares } from '../../../policies/edit/append-shares.ts'
import type { CallHost } from '../../../policies/threads/serve-jobs.ts'
import { EVERYTHING } from '../../../policies/words.ts'
import { buildApprovedShares, type ScopeOfShare } from '../build-approved-shares.ts'
import { RULES_FILE } from '../rules-file.ts'
import { judgeAll } from './assess-rules.ts'
import { buildRead } from './build-rules.ts'
import type { ApproveAnswer, ApproveJob } from './job-types.ts'
import { placeDiagnostics } from './place-diagnostics.ts'
import type { SavedRules } from './saved-rules.ts'

export async function approve(job: ApproveJob, saved: SavedRules, call: CallHost): Promise<ApproveAnswer> {
  const { policy, asked, email, resourceKey, until, today } = job
  const questions = asked.map(({ question }) => question)
  const judgements = await judgeAll(policy, questions, saved, call)
  const chosen: ScopeOfShare[] = []
  for (const [index, { scope }] of asked.entries()) {
    const judgement = judgements[index]
    // In rules this word stands for every ability: a share cannot give an ability of that name alone.
    if (judgement === undefined || judgement.kind === 'denied' || scope === EVERYTHING) return { kind: 'rule_gone' }
    // A share would answer every later request too.
    if (judgement.kind === 'ask' && judgement.eachTime) return { kind: 'each_time' }
    // What is allowed by now needs no share.
    if (judgement.kind === 'ask') chosen.push({ scope, share: judgement.share })
  }
  const { text, ruleSet } = await saved.read(policy, call)
  const shares = buildApprovedShares({ email, resourceKey, chosen, until, today, names: [...ruleSet.things.keys()] })
  const edited = appendShares({ text, file: RULES_FILE }, shares)
  if (!edited.ok) return { kind: 'wrong', diagnostics: placeDiagnostics(text, edited.error) }
  return buildRead(edited.value, job, call)
}
