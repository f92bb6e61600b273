// `replay`: the decisions of a log asked again of two texts, and which of them change. The log is data; no line of it is believed.
import { type Replay, replayLog } from '../analysis/replay-log.ts'
import type { RulePair } from './diff-rules.ts'
import { loadRules } from './load-rules.ts'
import { refused, type ToolPorts, type ToolResult } from './tool-result.ts'

export interface ReplayResult extends ToolResult, Partial<Replay> {
  /** Whether any logged request is answered otherwise. */
  readonly changed_any: boolean
}

export async function replayRules({ before, after }: RulePair, lines: Iterable<string>, ports: ToolPorts): Promise<ReplayResult> {
  const [was, is] = [await loadRules(before, ports), await loadRules(after, ports)]
  if (!was.ok || !is.ok) return { ...refused([...(was.ok ? [] : was.error), ...(is.ok ? [] : is.error)]), changed_any: false }
  const replay = replayLog({ before: was.value.module, after: is.value.module, lines })
  return { ok: true, diagnostics: [], warnings: [], changed_any: replay.changed.length > 0 || replay.limits > 0, ...replay }
}
