// What stands in an owner's rules and is likely not meant, seen with the owner's own things. It refuses nothing.
import type { Diagnostic } from '../../policies/diagnostic.ts'
import type { RuleSet } from '../../policies/model/rule-set.ts'
import { warnAbout } from '../../policies/tools/warn-about.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Resource } from '../store/resources-repository.ts'
import { buildHousehold } from './build-household.ts'
import { RULES_FILE } from './policy-engine.ts'
import { withinToolTime } from './within-time.ts'

export function findRuleWarnings(
  rules: RuleSet,
  { text, things }: { readonly text: string; readonly things: readonly Resource[] },
  now: EpochSeconds,
): readonly Diagnostic[] {
  return warnAbout({ file: RULES_FILE, text }, rules, { now: now * 1000, household: buildHousehold(things), bounded: withinToolTime })
}
