// POST /api/rules/<tool>: the tools of the rule language for the signed-in owner. It reads and answers; it saves nothing.
import { POSTED_LIMITS } from '../../policies/limits.ts'
import { parseJsonObject } from '../../protocol/encoding.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Endpoint, type Exchange, requireFact } from '../http/exchange.ts'
import { RULE_TOOLS, type RuleTool, runRuleTool } from '../sharing/rule-tools.ts'
import { beginTool, endTool, type ToolRefusal } from '../sharing/tool-limits.ts'
import { checkHost } from '../steps/check-host.ts'
import { requireOwner } from '../steps/require-owner.ts'

/** Two texts (`diff`), in which each byte may take three characters of JSON. */
const BODY_MAX_BYTES = 6 * POSTED_LIMITS.textBytes + 16 * 1024
const BUSY_RETRY_SECONDS = 2

export const RULE_TOOL_ENDPOINTS: readonly Endpoint[] = Object.entries(RULE_TOOLS).map(([name, tool]) => ({
  method: 'POST',
  path: `/api/rules/${name}`,
  bodyMaxBytes: BODY_MAX_BYTES,
  steps: [checkHost, requireOwner],
  handle: (exchange, context) => answerTool(tool, exchange, context),
}))

async function answerTool(tool: RuleTool, exchange: Exchange, context: Context): Promise<Answer> {
  const { personId: owner } = requireFact(exchange.signedIn, 'requireOwner')
  const members = parseJsonObject(exchange.body)
  if (members === undefined) return refuseUse('body', 'The body must be one object of JSON, in UTF-8.')
  const known = ['text', ...tool.members]
  const unknown = Object.keys(members).find((member) => !known.includes(member))
  if (unknown !== undefined) return refuseUse(unknown, `is not taken here. Known are ${known.join(', ')}.`)
  const refusal = beginTool(context.toolLimits, { owner, cost: tool.cost }, exchange.now)
  if (refusal !== undefined) return answerBusy(refusal)
  try {
    const result = await runRuleTool(context, { tool, owner, members }, exchange.now)
    return result.ok ? answerJson(200, result.value) : refuseUse(result.error.option, result.error.message)
  } finally {
    endTool(context.toolLimits, owner)
  }
}

/** As the command line prints it. */
function refuseUse(option: string, message: string): Answer {
  return answerJson(400, { ok: false, error: { code: 'usage', option, message }, diagnostics: [], warnings: [] })
}

function answerBusy(refusal: ToolRefusal): Answer {
  switch (refusal.reason) {
    case 'too_many':
      return wait(429, `You asked very often. Ask again in ${refusal.waitSeconds} seconds.`, refusal.waitSeconds)
    case 'one_at_a_time':
      return wait(429, 'Another request of yours is being worked on. Wait for its answer.', BUSY_RETRY_SECONDS)
    case 'all_busy':
      return wait(503, 'Many people ask right now. Ask again in a moment.', BUSY_RETRY_SECONDS)
  }
}

function wait(status: 429 | 503, message: string, seconds: number): Answer {
  const error = { code: 'busy', message }
  return answerJson(status, { ok: false, error, diagnostics: [], warnings: [] }, { 'retry-after': String(seconds) })
}
