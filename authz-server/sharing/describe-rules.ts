// An owner's rules read back in plain words, one sentence for each share, block and pause. It makes no sentence of its own.
import { kindOf } from '../../policies/conditions/registry.ts'
import type { RuleSet, Share } from '../../policies/model/rule-set.ts'
import { obligationSentence } from '../../policies/obligations/registry.ts'
import { shareSentence, stopSentence } from '../../policies/sentence/share-sentence.ts'

export function describeRules(rules: RuleSet): readonly string[] {
  const shares = rules.shares.map((share) => shareSentence(share, rules))
  const stops = [...rules.block, ...rules.pause].map((stop) => stopSentence(stop, rules))
  return [...shares, ...stops].map(({ text }) => text)
}

/** What holds a share in: its conditions and its obligations. */
export function describeLimits(share: Share): readonly string[] {
  return [...share.conditions.map((condition) => kindOf(condition).sentence(condition)), ...share.obligations.map(obligationSentence)]
}
