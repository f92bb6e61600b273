// From a reason of a decision back to the share it speaks of. It evaluates nothing.
import type { Reason } from '../contract/reasons.ts'
import type { RuleSet, Share } from './rule-set.ts'

/** The share of this name on this line; undefined where the rule set has none, e.g. because the text has changed since. */
export function findShare(ruleSet: RuleSet, reason: Pick<Reason, 'rule' | 'line'>): Share | undefined {
  return ruleSet.shares.find((share) => share.name === reason.rule && share.line === reason.line)
}
