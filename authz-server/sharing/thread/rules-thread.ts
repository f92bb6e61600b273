// The entry of a thread in which owners' rules are read, compared, compiled and asked. It holds no database and no socket; what it lacks, it asks of the server.
import { serveJobs } from '../../../policies/threads/serve-jobs.ts'
import { approve } from './approve.ts'
import { assess } from './assess-rules.ts'
import { build } from './build-rules.ts'
import { describe } from './describe.ts'
import type { RuleJob } from './job-types.ts'
import { createSavedRules } from './saved-rules.ts'
import { answerTool } from './tool-answer.ts'

const saved = createSavedRules()

serveJobs(async (given, call) => {
  const job = given as RuleJob
  switch (job.kind) {
    case 'build':
      return withModule(await build(job, call))
    case 'describe':
      return { value: await describe(job, saved, call) }
    case 'assess':
      return { value: await assess(job, saved, call) }
    case 'approve':
      return withModule(await approve(job, saved, call))
    case 'tool': {
      const value = await answerTool(job, saved, call)
      return { value, transfer: [value.body.buffer as ArrayBuffer] }
    }
  }
})

function withModule(value: Awaited<ReturnType<typeof approve>>) {
  return { value, transfer: value.kind === 'built' ? [value.wasm.buffer as ArrayBuffer] : [] }
}
