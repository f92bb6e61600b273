// POST /api/rules/<tool>: the tools of the rule language for the signed-in owner. It reads and answers; it saves nothing.

import { POSTED_LIMITS } from '../../policies/limits.ts'
import { readMonotonic } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Endpoint, type Exchange, requireFact } from '../http/exchange.ts'
import { RULES_FILE } from '../sharing/rules-file.ts'
import { RulesUnavailable } from '../sharing/rules-outcome.ts'
import { RULE_TOOL_COSTS, type RuleToolName } from '../sharing/tool-costs.ts'
import { beginTool, describeToolRefusal, endTool } from '../sharing/tool-limits.ts'
import { requireOwnJson } from '../steps/require-own-json.ts'
import { requireOwner } from '../steps/require-owner.ts'
import { listPublicClients } from '../tokens/is-authenticated-client.ts'

/** Two texts (`diff`), in which each byte may take three characters of JSON. */
const BODY_MAX_BYTES = 6 * POSTED_LIMITS.textBytes + 16 * 1024

export const RULE_TOOL_ENDPOINTS: readonly Endpoint[] = (Object.keys(RULE_TOOL_COSTS) as RuleToolName[]).map((tool) => ({
  method: 'POST',
  path: `/api/rules/${tool}`,
  bodyMaxBytes: BODY_MAX_BYTES,
  steps: [requireOwnJson, requireOwner],
  handle: (exchange, context) => answerTool(tool, exchange, context),
}))

async function answerTool(tool: RuleToolName, exchange: Exchange, context: Context): Promise<Answer> {
  const { personId: owner } = requireFact(exchange.signedIn, 'requireOwner')
  const refusal = beginTool(context.toolLimits, { owner, cost: RULE_TOOL_COSTS[tool] }, readMonotonic(context.ports.monotonic))
  if (refusal !== undefined) return answerUnavailable(describeToolRefusal(refusal))
  try {
    const policy = await context.store.read.policies.findHead(owner)
    const things = await context.store.read.resources.listOfOwner(owner)
    const job = {
      kind: 'tool',
      owner,
      tool,
      body: exchange.body,
      policy,
      things,
      publicClients: listPublicClients(context.config),
      now: exchange.now * 1000,
    } as const
    const done = await context.policyEngine.run(job)
    if (!done.ok) return answerTooMuch(done.error)
    return { status: done.value.status, body: { kind: 'bytes', type: 'application/json', bytes: done.value.body } }
  } catch (fault) {
    if (fault instanceof RulesUnavailable) return answerUnavailable(fault)
    throw fault
  } finally {
    endTool(context.toolLimits, owner)
  }
}

/** As any other mistake in the text: it is the text that is more than the server works on. */
function answerTooMuch(message: string): Answer {
  return answerJson(200, { ok: false, diagnostics: [{ file: RULES_FILE, line: 1, column: 1, code: 'too_large', message }], warnings: [] })
}

const FAULT = 'The server failed while processing these rules. Nothing was saved. If it happens again, contact the operator of this server.'

function answerUnavailable({ unavailability: { status, waitSeconds, description } }: RulesUnavailable): Answer {
  const error = status === 500 ? { code: 'fault', message: FAULT } : { code: 'busy', message: description ?? 'The server is busy. Try again in a moment.' }
  const headers = waitSeconds === undefined ? {} : { 'retry-after': String(waitSeconds) }
  return answerJson(status, { ok: false, error, diagnostics: [], warnings: [] }, headers)
}
