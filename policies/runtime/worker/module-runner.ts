// Asks a module that nobody vouches for, always in worker threads: with a time limit, a memory limit, a bounded queue, and an end after too many kills.
import type { Decision } from '../../contract/decision.ts'
import type { DecisionInput } from '../../contract/decision-input.ts'
import { encodeInput } from '../check-input.ts'
import { checkResult } from '../check-result.ts'
import { PolicyFault } from '../policy-fault.ts'
import { POLICY_ENTRYPOINT } from '../policy-module.ts'
import { makeBuiltinsStrict } from '../strict-builtins.ts'
import { type Lane, type LaneAnswer, startLane } from './lane.ts'
import { DECISION_MILLISECONDS, GRACE_FACTOR, KILLS_MAX, KILLS_WINDOW_MILLISECONDS, LANES, LANES_MAX, PATIENT_MAX, WAITING_MAX } from './runner-limits.ts'

export interface ModuleRunnerOptions {
  readonly wasm: Uint8Array
  /** For one decision; the wait before it may take as long again. */
  readonly decisionMilliseconds?: number
  /** Then a decision that is overdue is ended by force. */
  readonly graceMilliseconds?: number
  /** One sentence for the operator whenever a decision is ended at a limit, and when the module is given up. */
  readonly onTrouble?: (text: string) => void
}

export interface AskOptions {
  /** Waits behind all others and as long as it takes: for requests that are under way already. */
  readonly patient?: boolean
  /** For this decision alone. */
  readonly milliseconds?: number
}

export interface ModuleRunner {
  /** Rejects with PolicyFault for whatever is not a decision in time. */
  evaluate(input: DecisionInput, options?: AskOptions): Promise<Decision>
  /** Decisions ended at a limit of time or memory since the start. */
  readonly kills: () => number
  /** Given up after too many kills: all questions are faults, at once, until the module is loaded anew. */
  readonly isQuarantined: () => boolean
  /** Ends the threads; what waits is a fault. */
  close(): Promise<void>
}

interface Job {
  readonly input: DecisionInput
  readonly milliseconds: number
  readonly resolve: (decision: Decision) => void
  readonly reject: (fault: PolicyFault) => void
  waitTimer?: NodeJS.Timeout
}

/** Resolves when every thread is ready. Throws PolicyFault for a module that cannot be started, or needs what is not offered. */
export async function startModuleRunner(options: ModuleRunnerOptions): Promise<ModuleRunner> {
  const runner = new Runner(options)
  await runner.whenReady
  return runner
}

class Runner implements ModuleRunner {
  readonly #module: WebAssembly.Module
  readonly #milliseconds: number
  readonly #graceMilliseconds: number
  readonly #tell: (text: string) => void
  readonly #lanes = new Set<Lane>()
  readonly #overdue = new Set<Lane>()
  readonly #idle: Lane[] = []
  readonly #urgent = new Set<Job>()
  readonly #patient = new Set<Job>()
  readonly #recentKills = new Set<NodeJS.Timeout>()
  readonly whenReady: Promise<void>
  #ready: { readonly resolve: () => void; readonly reject: (fault: PolicyFault) => void } = { resolve: () => undefined, reject: () => undefined }
  #kills = 0
  #stopped: string | undefined
  #isQuarantined = false

  constructor({ wasm, decisionMilliseconds = DECISION_MILLISECONDS, graceMilliseconds, onTrouble = () => undefined }: ModuleRunnerOptions) {
    this.#module = compile(wasm)
    this.#milliseconds = decisionMilliseconds
    this.#graceMilliseconds = graceMilliseconds ?? GRACE_FACTOR * decisionMilliseconds
    this.#tell = onTrouble
    this.whenReady = new Promise((resolve, reject) => {
      this.#ready = { resolve, reject }
    })
    for (let lane = 0; lane < LANES; lane += 1) this.#startLane()
  }

  kills = (): number => this.#kills
  isQuarantined = (): boolean => this.#isQuarantined

  evaluate(input: DecisionInput, { patient = false, milliseconds = this.#milliseconds }: AskOptions = {}): Promise<Decision> {
    return new Promise((resolve, reject) => {
      const job: Job = { input, milliseconds, resolve, reject }
      const refusal = this.#stopped ?? this.#enqueue(job, patient)
      if (refusal !== undefined) reject(new PolicyFault(refusal))
    })
  }

  #enqueue(job: Job, patient: boolean): string | undefined {
    const queue = patient ? this.#patient : this.#urgent
    if (queue.size >= (patient ? PATIENT_MAX : WAITING_MAX)) return 'too many requests are waiting for the module'
    queue.add(job)
    this.#next()
    // Only who could not begin at once needs a limit on the wait.
    if (this.#urgent.has(job)) job.waitTimer = setTimeout(() => this.#giveUp(job), this.#milliseconds)
    return undefined
  }

  async close(): Promise<void> {
    await this.#stop('the module is closed')
  }

  #giveUp(job: Job): void {
    if (this.#urgent.delete(job)) job.reject(new PolicyFault('the module was busy for too long'))
  }

  #startLane(): void {
    const lane = startLane({
      module: this.#module,
      entrypoint: POLICY_ENTRYPOINT,
      onReady: () => {
        this.#idle.push(lane)
        if (this.#idle.length === this.#lanes.size) this.#ready.resolve()
        this.#next()
      },
      onLate: (answer) => this.#freeLate(lane, answer),
      onUnusable: (reason) => void this.#stop(`the module is not usable: ${reason}`),
      onEnd: (reason) => this.#replace(lane, reason),
    })
    this.#lanes.add(lane)
  }

  /** As many questions begin as there are lanes without one. */
  #next(): void {
    while (this.#idle.length > 0) {
      const [queue, [job]] = this.#urgent.size > 0 ? [this.#urgent, this.#urgent] : [this.#patient, this.#patient]
      if (job === undefined) return
      queue.delete(job)
      clearTimeout(job.waitTimer)
      const lane = this.#idle.pop()
      if (lane !== undefined) this.#ask(lane, job)
    }
  }

  #ask(lane: Lane, job: Job): void {
    let input: ArrayBuffer
    try {
      input = encodeInput(job.input)
    } catch (fault) {
      this.#idle.push(lane)
      job.reject(asFault(fault))
      return
    }
    const onAnswer = (answer: LaneAnswer): void => {
      settle(job, answer)
      if (answer.kind === 'overdue') this.#setOverdue(lane)
      if (answer.kind === 'ended' || answer.kind === 'overdue') return
      if (answer.kind === 'exhausted') this.#countKill(answer.reason)
      if (this.#stopped !== undefined) return
      this.#idle.push(lane)
      this.#next()
    }
    lane
      .ask(input, { milliseconds: job.milliseconds, graceMilliseconds: this.#graceMilliseconds })
      .then(onAnswer)
      .catch((fault: unknown) => job.reject(asFault(fault)))
  }

  /** Who waits is served by another lane, or by a new one: it was not their question that took so long. */
  #setOverdue(lane: Lane): void {
    if (!this.#lanes.has(lane)) return
    this.#overdue.add(lane)
    this.#fillLanes()
  }

  #freeLate(lane: Lane, answer: LaneAnswer): void {
    this.#overdue.delete(lane)
    if (answer.kind === 'exhausted') this.#countKill(answer.reason)
    if (this.#stopped !== undefined) return
    if (this.#lanes.size > LANES) {
      this.#lanes.delete(lane)
      lane.end().catch(() => undefined) // it is not asked again, whether it has ended or not
      return
    }
    this.#idle.push(lane)
    this.#next()
  }

  #fillLanes(): void {
    while (this.#stopped === undefined && this.#lanes.size - this.#overdue.size < LANES && this.#lanes.size < LANES_MAX) this.#startLane()
  }

  #replace(lane: Lane, reason: string): void {
    if (!this.#lanes.delete(lane) || this.#stopped !== undefined) return
    const idle = this.#idle.indexOf(lane)
    if (idle >= 0) this.#idle.splice(idle, 1)
    this.#overdue.delete(lane)
    this.#countKill(reason)
    this.#fillLanes()
  }

  #countKill(reason: string): void {
    if (this.#stopped !== undefined) return
    this.#kills += 1
    const forget = setTimeout(() => this.#recentKills.delete(forget), KILLS_WINDOW_MILLISECONDS)
    forget.unref()
    this.#recentKills.add(forget)
    if (this.#recentKills.size < KILLS_MAX) {
      this.#tell(`a decision was terminated: ${reason}`)
      return
    }
    this.#isQuarantined = true
    this.#tell(`quarantined: ${KILLS_MAX} decisions were terminated within ${KILLS_WINDOW_MILLISECONDS / 1000} s, the last because: ${reason}`)
    this.#stop('the module is quarantined').catch(() => undefined) // nobody waits for it, and nothing is asked again
  }

  async #stop(reason: string): Promise<void> {
    this.#stopped ??= reason
    this.#ready.reject(new PolicyFault(reason))
    for (const job of [...this.#urgent, ...this.#patient]) {
      clearTimeout(job.waitTimer)
      job.reject(new PolicyFault(reason))
    }
    this.#urgent.clear()
    this.#patient.clear()
    this.#idle.length = 0
    for (const timer of this.#recentKills) clearTimeout(timer)
    const ending = [...this.#lanes].map((lane) => lane.end())
    this.#lanes.clear()
    await Promise.all(ending)
  }
}

function compile(wasm: Uint8Array): WebAssembly.Module {
  const module = parse(wasm)
  const strict = makeBuiltinsStrict(wasm)
  return strict === wasm ? module : parse(strict)
}

function parse(wasm: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(wasm)
  } catch (cause) {
    throw new PolicyFault('it is not a WebAssembly module', { cause })
  }
}

function settle(job: Job, answer: LaneAnswer): void {
  if (answer.kind !== 'answer') {
    job.reject(new PolicyFault(`the module returned no decision: ${answer.reason}`))
    return
  }
  try {
    job.resolve(checkResult(JSON.parse(answer.text)))
  } catch (fault) {
    job.reject(asFault(fault))
  }
}

function asFault(fault: unknown): PolicyFault {
  return fault instanceof PolicyFault ? fault : new PolicyFault('the module returned no decision', { cause: fault })
}
