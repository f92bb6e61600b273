// The tools of the rule language for an owner: the same results as `latchkey policy ... --json`, with the owner's own things. Nothing is saved.
import { buildRules } from '../../../policies/tools/build-rules.ts'
import { checkRules } from '../../../policies/tools/check-rules.ts'
import { diffRules } from '../../../policies/tools/diff-rules.ts'
import { explainRules } from '../../../policies/tools/explain-rules.ts'
import { formatRules } from '../../../policies/tools/format-rules.ts'
import { listRules } from '../../../policies/tools/list-rules.ts'
import { printRego } from '../../../policies/tools/print-rego.ts'
import { testRules } from '../../../policies/tools/test-rules.ts'
import type { ToolPorts, ToolSource } from '../../../policies/tools/tool-result.ts'
import type { PolicyCompiler } from '../../../policies/wasm/compile.ts'
import { err, ok, type Result } from '../../../protocol/result.ts'
import type { Resource } from '../../store/resources-repository.ts'
import { buildHousehold } from '../build-household.ts'
import { EMPTY_RULES } from '../empty-rules.ts'
import { RULES_FILE } from '../rules-file.ts'
import type { RuleToolName } from '../tool-costs.ts'
import { type Members, QUESTION_MEMBERS, readBuildForm, readFilter, readInstant, readQuestionMembers, type ToolMistake } from './tool-members.ts'
import { withinToolTime } from './within-time.ts'

export interface ToolRun {
  /** What the caller sent, of the members that the tool takes. */
  readonly members: Members
  readonly source: ToolSource
  /** What is saved, whatever was sent. */
  readonly saved: ToolSource
  readonly ports: ToolPorts
}

export interface RuleTool {
  /** Beside `text`; everything else is refused. */
  readonly members: readonly string[]
  readonly run: (run: ToolRun) => Promise<Result<object, ToolMistake>>
}

export const RULE_TOOLS = {
  check: { members: [], run: async ({ source, ports }) => ok(await checkRules([source], ports)) },
  test: { members: ['at'], run: async ({ source, ports }) => ok(await testRules(source, ports)) },
  explain: { members: QUESTION_MEMBERS, run: runExplain },
  can: { members: ['at', 'who', 'what', 'may'], run: runList },
  diff: { members: ['at', 'from_text'], run: runDiff },
  fmt: { members: [], run: async ({ source, ports }) => ok(formatRules([source], ports)) },
  rego: { members: [], run: async ({ source, ports }) => ok(printRego(source, ports)) },
  build: { members: ['form'], run: runBuild },
} as const satisfies Readonly<Record<RuleToolName, RuleTool>>

export interface AskedTool {
  readonly tool: RuleTool
  readonly members: Members
  /** Undefined if nothing is saved. */
  readonly savedText: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** The owner's. */
  readonly things: readonly Resource[]
  readonly compiler: PolicyCompiler
}

export async function runRuleTool({ tool, members, savedText = EMPTY_RULES, now, things, compiler }: AskedTool): Promise<Result<object, ToolMistake>> {
  const at = readInstant(members)
  if (!at.ok) return at
  const text = members['text']
  if (text !== undefined && typeof text !== 'string') return err({ option: 'text', message: 'must be a string: the rules. Omit it to use the saved rules.' })
  const saved = { file: RULES_FILE, text: savedText }
  const source = text === undefined ? saved : { file: RULES_FILE, text }
  const ports = { now: at.value ?? now, compiler, household: buildHousehold(things), bounded: withinToolTime }
  return tool.run({ members, source, saved, ports })
}

async function runList({ source, members, ports }: ToolRun): Promise<Result<object, ToolMistake>> {
  const filter = readFilter(members)
  if (!filter.ok) return filter
  const answer = listRules(source, filter.value, ports)
  return 'unknown' in answer ? err({ option: answer.unknown.option, message: answer.unknown.message }) : ok(answer.result)
}

async function runExplain({ source, members, ports }: ToolRun): Promise<Result<object, ToolMistake>> {
  const question = readQuestionMembers(members)
  if (!question.ok) return question
  const answer = await explainRules(source, question.value, ports)
  return 'mistake' in answer ? err(answer.mistake) : ok(answer.result)
}

/** From the saved rules, or from another text, to the one that was sent. */
async function runDiff({ source, saved, members, ports }: ToolRun): Promise<Result<object, ToolMistake>> {
  const from = members['from_text']
  if (from !== undefined && typeof from !== 'string') return err({ option: 'from_text', message: 'is not a string. Omit it to compare with the saved rules.' })
  return ok(diffRules({ before: from === undefined ? saved : { file: 'from_text', text: from }, after: source }, ports))
}

async function runBuild({ source, members, ports }: ToolRun): Promise<Result<object, ToolMistake>> {
  const form = readBuildForm(members)
  if (!form.ok) return form
  const { result, content } = await buildRules(source, { ...ports, form: form.value })
  return ok(content === undefined ? result : { ...result, content: Buffer.from(content).toString('base64') })
}
