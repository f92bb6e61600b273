// `--sample`: what a share's obligations make of a sample JSON answer, by the sidecar's own code, and which of them cannot be carried out.
import type { Obligation } from '../../policies/contract/obligations.ts'
import type { Diagnostic } from '../../policies/diagnostic.ts'
import { obligationSentence } from '../../policies/obligations/registry.ts'
import { parsePolicy } from '../../policies/parse-policy.ts'
import type { ToolSource } from '../../policies/tools/tool-result.ts'
import { planObligations } from '../../sidecar/obligations/answer-plan.ts'
import { transformAnswer } from '../../sidecar/obligations/transform-answer.ts'

export interface SampleOptions {
  /** JSON, as the API would send it. */
  readonly sample: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The answer that a party would see, or why it would see none. */
export type SampleOutcome = { readonly shown: string } | { readonly refused: string }

export function trySample(obligations: readonly Obligation[], { sample, now }: SampleOptions): SampleOutcome {
  const all = show(obligations, { sample, now })
  if ('shown' in all) return all
  // The first that fails by itself; together they may fail where each one does not.
  const culprit = obligations.find((one) => 'refused' in show([one], { sample, now }))
  return { refused: culprit === undefined ? `${WHY[all.refused]}.` : `"${obligationSentence(culprit)}" cannot be applied: ${whyOf(culprit, all.refused)}.` }
}

/** Each share with obligations on the answer, tried by itself. */
export function trySampleOnShares(
  { file, text }: ToolSource,
  options: SampleOptions,
): { readonly diagnostics: readonly Diagnostic[]; readonly lines: readonly string[] } {
  const rules = parsePolicy({ file, text, now: options.now })
  const outcomes = (rules.ok ? rules.value.shares : [])
    .filter(({ obligations }) => obligations.some(({ kind }) => kind !== 'limit' && kind !== 'notify'))
    .map(({ name, line, obligations }) => ({ name, line, outcome: trySample(obligations, options) }))
  return {
    diagnostics: outcomes.flatMap(({ name, line, outcome }): readonly Diagnostic[] =>
      'refused' in outcome ? [{ file, line, column: 1, code: 'sample_refused', message: `"${name}" refuses the sample response: ${outcome.refused}` }] : [],
    ),
    lines: outcomes.flatMap(({ name, line, outcome }) => ('shown' in outcome ? [`"${name}" (line ${line}) shows: ${outcome.shown}`] : [])),
  }
}

type Failure = Extract<ReturnType<typeof transformAnswer>, { readonly ok: false }>['error'] | 'obligation_unknown'

const WHY: Readonly<Record<Failure, string>> = {
  cannot_hide: 'the response cannot be searched: it is not JSON, is a single value, or has two members with the same name',
  obligation_impossible: 'a value has the wrong type',
  answer_too_recent: 'the whole response is more recent than the delay allows',
  place_not_found: 'a place that must be found is missing',
  obligation_unknown: 'the obligation is not known',
}

const ROUNDED = {
  number: 'the value is not a number',
  position: 'the value is not a position; km and m are for positions (latitude and longitude), and a number is rounded by a number such as 10',
  time: 'the value is not a time; durations such as 15 min are for times, and a number is rounded by a number such as 10',
} as const

function whyOf(obligation: Obligation, failure: Failure): string {
  if (failure !== 'obligation_impossible') return WHY[failure]
  if (obligation.kind === 'round') return ROUNDED[obligation.of]
  return obligation.kind === 'delay' ? `there is no readable time at ${obligation.path}` : WHY[failure]
}

function show(obligations: readonly Obligation[], { sample, now }: SampleOptions): { readonly shown: string } | { readonly refused: Failure } {
  const plan = planObligations(obligations)
  if (!plan.ok) return { refused: plan.error }
  const answer = transformAnswer(Buffer.from(sample), { obligations: plan.value.answer, now })
  return answer.ok ? { shown: answer.value.toString() } : { refused: answer.error }
}
