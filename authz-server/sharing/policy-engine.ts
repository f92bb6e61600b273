// The policy engine as this server uses it: threads in which owners' rules are read, compiled and asked, and one compiler for all of them.
// Nothing of an owner's text is parsed on the server's own thread (decision 0030).
import { createLimitedThread, type JobLimits, type JobOutcome, type LimitedThread, type ThreadLimit } from '../../policies/threads/limited-thread.ts'
import { createCompiler } from '../../policies/wasm/compile.ts'
import { err, ok } from '../../protocol/result.ts'
import type { Log } from '../ports.ts'
import { type RulesOutcome, RulesUnavailable } from './rules-outcome.ts'
import type { AnswerOf, HostCalls, RuleJob } from './thread/job-types.ts'

export type PolicyStore = Pick<HostCalls, 'loadText' | 'loadArtifact'>

export interface PolicyEngineOptions {
  readonly store: PolicyStore
  readonly log: Log
  /** Told what the work for an owner took, so that it counts against the owner's budget. */
  readonly charge?: (work: { readonly owner: string; readonly cpuMilliseconds: number }) => void
  /** For tests. */
  readonly limits?: Partial<Record<LaneName, JobLimits>>
  readonly entry?: URL
}

export interface PolicyEngine {
  /** Throws RulesUnavailable if too many wait, or for a fault of ours. A text that is too much is an outcome. */
  run<Kind extends RuleJob['kind']>(job: Extract<RuleJob, { readonly kind: Kind }>): Promise<RulesOutcome<AnswerOf[Kind]>>
  close(): Promise<void>
}

/** Decisions about tickets must not wait for one owner's texts, nor may pages. */
type LaneName = 'decisions' | 'pages' | 'texts'

const LANE_OF: Readonly<Record<RuleJob['kind'], LaneName>> = { assess: 'decisions', describe: 'pages', build: 'texts', approve: 'texts', tool: 'texts' }

/** A decision takes microseconds, loading the largest module a fifth of a second. A text of the largest size is read in two seconds on a slow machine. */
const LIMITS: Readonly<Record<LaneName, JobLimits>> = {
  decisions: { cpuMilliseconds: 5000, wallMilliseconds: 20_000 },
  pages: { cpuMilliseconds: 5000, wallMilliseconds: 20_000 },
  texts: { cpuMilliseconds: 10_000, wallMilliseconds: 60_000 },
}
const THREADS: Readonly<Record<LaneName, number>> = { decisions: 1, pages: 1, texts: 2 }
/** Owners are limited before they come here; tickets are not. */
const WAITING_MAX: Readonly<Record<LaneName, number>> = { decisions: 200, pages: 50, texts: 50 }
/** The largest text takes a hundred megabytes while it is compared. */
const THREAD_HEAP_MEGABYTES = 256
const THREAD_IDLE_MILLISECONDS = 60_000
const BUSY_RETRY_SECONDS = 2

export function createPolicyEngine({ store, log, charge = () => undefined, limits = {}, entry = threadEntry() }: PolicyEngineOptions): PolicyEngine {
  const compiler = createCompiler()
  const calls: HostCalls = {
    ...store,
    compile: ({ rego, owner }) => compiler.compile(rego, { onUsed: (cpuMilliseconds) => charge({ owner, cpuMilliseconds }) }),
  }
  const open = (): LimitedThread =>
    createLimitedThread({ entry, heapMegabytes: THREAD_HEAP_MEGABYTES, idleMilliseconds: THREAD_IDLE_MILLISECONDS, calls: { ...calls } })
  const lanes = {
    decisions: new Lane(open, THREADS.decisions, WAITING_MAX.decisions),
    pages: new Lane(open, THREADS.pages, WAITING_MAX.pages),
    texts: new Lane(open, THREADS.texts, WAITING_MAX.texts),
  }
  return {
    async run(job: RuleJob) {
      const lane = LANE_OF[job.kind]
      const outcome = await lanes[lane].run(job, limits[lane] ?? LIMITS[lane])
      if (outcome === 'full') throw new RulesUnavailable({ status: 503, waitSeconds: BUSY_RETRY_SECONDS, reason: 'too many jobs are waiting' })
      // Tickets are other people's doing.
      if ('cpuMilliseconds' in outcome && job.kind !== 'assess') charge({ owner: ownerOf(job), cpuMilliseconds: outcome.cpuMilliseconds })
      return readOutcome(outcome, { job, log })
    },
    async close() {
      await Promise.all(Object.values(lanes).map((lane) => lane.close()))
      await compiler.close()
    },
  }
}

/** Beside this file, compiled or not. */
function threadEntry(): URL {
  return new URL(`./thread/rules-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}

function readOutcome<Answer>(outcome: JobOutcome, { job, log }: { readonly job: RuleJob; readonly log: Log }): RulesOutcome<Answer> {
  switch (outcome.kind) {
    case 'answer':
      return ok(outcome.value as Answer)
    case 'limit':
      log.warn('rules_limit', { job: job.kind, limit: outcome.limit, cpu_ms: outcome.cpuMilliseconds, owner: ownerOf(job) })
      return err(describeLimit(outcome.limit))
    case 'fault':
    case 'crash':
      log.error('rules_fault', { job: job.kind, fault: outcome.message, owner: ownerOf(job) })
      throw new RulesUnavailable({ status: 500, reason: outcome.message })
    case 'closed':
      throw new RulesUnavailable({ status: 503, waitSeconds: BUSY_RETRY_SECONDS, reason: 'the server is stopping' })
  }
}

function ownerOf(job: RuleJob): string {
  return job.kind === 'assess' ? job.policy.owner : job.owner
}

const REMEDY = 'Use fewer rules, shorter lists of people and things, or groups.'

function describeLimit(limit: ThreadLimit): string {
  if (limit === 'memory') return `These rules need more memory than this server allows. ${REMEDY}`
  if (limit === 'cpu') return `These rules take more processor time than this server allows. ${REMEDY}`
  return 'This server is too busy to work on these rules now. Try again in a moment.'
}

/** Some threads with one queue. */
class Lane {
  readonly #threads: readonly LimitedThread[]
  readonly #idle: LimitedThread[]
  readonly #waiting: ((thread: LimitedThread) => void)[] = []
  readonly #waitingMax: number

  constructor(open: () => LimitedThread, threads: number, waitingMax: number) {
    this.#threads = Array.from({ length: threads }, open)
    this.#idle = [...this.#threads]
    this.#waitingMax = waitingMax
  }

  async run(job: RuleJob, limits: JobLimits): Promise<JobOutcome | 'full'> {
    // The one that worked last knows most rules.
    const idle = this.#idle.pop()
    if (idle === undefined && this.#waiting.length >= this.#waitingMax) return 'full'
    const thread = idle ?? (await new Promise<LimitedThread>((resolve) => this.#waiting.push(resolve)))
    try {
      return await thread.run(job, limits)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#idle.push(thread)
      else next(thread)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}
