// A request to the rule tools, from its bytes to the bytes of its answer: JSON is read and written here, not on the server's own thread.

import type { CallHost } from '../../../policies/threads/serve-jobs.ts'
import { parseJsonObject } from '../../../protocol/encoding.ts'
import { createHostCompiler } from './host-compiler.ts'
import type { ToolAnswer, ToolJob } from './job-types.ts'
import { RULE_TOOLS, runRuleTool } from './rule-tools.ts'
import type { SavedRules } from './saved-rules.ts'

/** An answer is sent at once, so it is bounded: the table of a large household has some megabytes. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024

export async function answerTool(job: ToolJob, saved: SavedRules, call: CallHost): Promise<ToolAnswer> {
  const tool = RULE_TOOLS[job.tool]
  const members = parseJsonObject(Buffer.from(job.body))
  if (members === undefined) return refuseUse('body', 'The body must be a JSON object in UTF-8.')
  const known: readonly string[] = ['text', ...tool.members]
  const unknown = Object.keys(members).find((member) => !known.includes(member))
  if (unknown !== undefined) return refuseUse(unknown.slice(0, 100), `is not a member of this request. Use only ${known.join(', ')}.`)
  const savedText = job.policy === undefined ? undefined : (await saved.read(job.policy, call)).text
  const result = await runRuleTool({ tool, members, savedText, now: job.now, things: job.things, compiler: createHostCompiler(call, job.owner) })
  return result.ok ? write(200, result.value) : refuseUse(result.error.option, result.error.message)
}

/** As the command line prints it. */
function refuseUse(option: string, message: string): ToolAnswer {
  return write(400, { ok: false, error: { code: 'usage', option, message }, diagnostics: [], warnings: [] })
}

function write(status: ToolAnswer['status'], value: object): ToolAnswer {
  const body = new TextEncoder().encode(JSON.stringify(value))
  if (body.byteLength <= ANSWER_MAX_BYTES) return { status, body }
  return refuseUse(
    'body',
    `would give a response of more than ${ANSWER_MAX_BYTES / 1024 / 1024} MB. Ask about one person or one thing at a time, or use the command line: latchkey policy.`,
  )
}
