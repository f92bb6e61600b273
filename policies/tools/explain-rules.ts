// `explain`: one question, its answer, the rules that decide with their lines, and when or how the answer would be another.
import type { Effect } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { Obligation } from '../contract/obligations.ts'
import { explainDecision, type NearMiss, type ReasonInWords, type StopInForce } from '../explain/explain-decision.ts'
import { loadRules } from './load-rules.ts'
import { type Question, type QuestionMistake, readQuestion } from './question.ts'
import { refused, type ToolPorts, type ToolResult, type ToolSource } from './tool-result.ts'
import { findUnknownName } from './unknown-name.ts'

export interface ExplainResult extends ToolResult {
  /** These and those below are there if the rules could be asked; with an unknown name in the question, the result is not ok all the same. */
  readonly answer?: Effect
  /** What was asked, to the last field. */
  readonly input?: DecisionInput
  readonly deciding?: readonly ReasonInWords[]
  readonly reasons?: readonly ReasonInWords[]
  readonly near_misses?: readonly NearMiss[]
  readonly stops?: readonly StopInForce[]
  /** As the decision has them. */
  readonly decided?: readonly Obligation[]
  /** In plain words. */
  readonly obligations?: readonly string[]
  /** All of it in plain words, line by line. */
  readonly text?: readonly string[]
}

export type ExplainAnswer = { readonly result: ExplainResult } | { readonly mistake: QuestionMistake }

export async function explainRules(source: ToolSource, question: Question, ports: ToolPorts): Promise<ExplainAnswer> {
  const loaded = await loadRules(source, ports)
  if (!loaded.ok) return { result: refused(loaded.error) }
  const { ruleSet, module } = loaded.value
  const input = readQuestion(question, { vocabulary: ruleSet, household: ports.household, now: ports.now })
  if (!input.ok) return { mistake: input.error }
  const unknown = findUnknownName(question, { vocabulary: ruleSet, household: ports.household, now: ports.now })
  const { answer, decision, deciding, reasons, nearMisses, stops, obligations, text } = explainDecision({ ruleSet, module, input: input.value })
  const told = { answer, input: input.value, deciding, reasons, near_misses: nearMisses, stops, obligations, decided: decision.obligations, text }
  if (unknown === undefined) return { result: { ok: true, diagnostics: [], warnings: [], ...told } }
  const diagnostic = { file: source.file, line: 1, column: 1, code: 'unknown_name' as const, message: unknown.message }
  return { result: { ...refused([diagnostic]), ...told } }
}
