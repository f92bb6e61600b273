// Saved rules in plain words, for pages.
import type { CallHost } from '../../../policies/threads/serve-jobs.ts'
import type { DescribeJob, RulesInWords } from './job-types.ts'
import { putInWords } from './put-in-words.ts'
import type { SavedRules } from './saved-rules.ts'

export async function describe({ policy, now, things, publicClients }: DescribeJob, saved: SavedRules, call: CallHost): Promise<RulesInWords> {
  return putInWords({ ...(await saved.read(policy, call)), now, things, publicClients })
}
