// What a page says about rules: sentences and warnings, no more of either than a person reads and a page holds.
import type { RuleSet } from '../../../policies/model/rule-set.ts'
import { warnAbout } from '../../../policies/tools/warn-about.ts'
import type { Resource } from '../../store/resources-repository.ts'
import { buildHousehold } from '../build-household.ts'
import { describeRules } from '../describe-rules.ts'
import { RULES_FILE } from '../rules-file.ts'
import { findClientWarnings } from './client-warnings.ts'
import type { RulesInWords } from './job-types.ts'
import { placeDiagnostics } from './place-diagnostics.ts'
import { withinToolTime } from './within-time.ts'

const SENTENCES_MAX = 1000
const SENTENCE_MAX_CHARS = 4000
const SENTENCES_MAX_CHARS = 128 * 1024

export interface ReadRules {
  readonly text: string
  readonly ruleSet: RuleSet
  /** Milliseconds since 1970. */
  readonly now: number
  readonly things: readonly Resource[]
  readonly publicClients: readonly string[]
}

export function putInWords({ text, ruleSet, now, things, publicClients }: ReadRules): RulesInWords {
  const found = warnAbout({ file: RULES_FILE, text }, ruleSet, { now, household: buildHousehold(things), bounded: withinToolTime })
  const warnings = [...findClientWarnings(ruleSet, new Set(publicClients)), ...found]
  return { shares: ruleSet.shares.length, ...writeSentences(ruleSet), warnings: placeDiagnostics(text, warnings) }
}

function writeSentences(ruleSet: RuleSet): Pick<RulesInWords, 'sentences' | 'more'> {
  const sentences: string[] = []
  let chars = 0
  let more = 0
  for (const sentence of describeRules(ruleSet)) {
    const shown = sentence.length > SENTENCE_MAX_CHARS ? `${sentence.slice(0, SENTENCE_MAX_CHARS)}…` : sentence
    chars += shown.length
    if (sentences.length < SENTENCES_MAX && chars <= SENTENCES_MAX_CHARS) sentences.push(shown)
    else more += 1
  }
  return { sentences, more }
}
