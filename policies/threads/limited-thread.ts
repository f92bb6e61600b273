// One worker thread that works on one job at a time, within limits of processor time, elapsed time and memory. It starts with the first job and ends when idle.
import { Worker } from 'node:worker_threads'
import { readThreadCpuMilliseconds } from './cpu-time.ts'
import type { FromThread, ToThread } from './thread-messages.ts'

export interface JobLimits {
  /** Of the thread itself. Where the system does not report it, elapsed time counts instead. */
  readonly cpuMilliseconds: number
  /** Since the last sign of life; the time that the host takes to answer a call does not count. */
  readonly wallMilliseconds: number
}

export type ThreadLimit = 'cpu' | 'wall' | 'memory'

export type JobOutcome =
  | { readonly kind: 'answer'; readonly value: unknown; readonly cpuMilliseconds: number }
  /** The job threw. The thread goes on. */
  | { readonly kind: 'fault'; readonly message: string; readonly cpuMilliseconds: number }
  /** The thread was ended, or ended by itself. The next job starts another. */
  | { readonly kind: 'limit'; readonly limit: ThreadLimit; readonly cpuMilliseconds: number }
  | { readonly kind: 'crash'; readonly message: string; readonly cpuMilliseconds: number }
  | { readonly kind: 'closed' }

export interface LimitedThreadOptions {
  readonly entry: URL
  readonly heapMegabytes: number
  readonly idleMilliseconds: number
  /** What jobs may ask of this side, by name. */
  readonly calls?: Readonly<Record<string, (argument: never) => Promise<unknown>>>
  /** Left out: those of this process. */
  readonly execArgv?: readonly string[]
}

export interface LimitedThread {
  /** One at a time; `transfer` is moved into the thread instead of copied. */
  run(job: unknown, limits: JobLimits, transfer?: readonly ArrayBuffer[]): Promise<JobOutcome>
  /** Ends the thread; a job that is being worked on is answered with `closed`. */
  close(): Promise<void>
}

const START_MILLISECONDS = 60_000
const CHECK_MILLISECONDS = 25

export function createLimitedThread(options: LimitedThreadOptions): LimitedThread {
  let running: RunningThread | undefined
  let idleTimer: NodeJS.Timeout | undefined
  let isClosed = false

  async function end(): Promise<void> {
    clearTimeout(idleTimer)
    const ending = running
    running = undefined
    await ending?.end()
  }

  return {
    async run(job, limits, transfer = []) {
      if (isClosed) return { kind: 'closed' }
      clearTimeout(idleTimer)
      // One that ended while it was idle is replaced.
      if (running === undefined || running.isOver()) running = new RunningThread(options)
      const outcome = await running.run(job, limits, transfer)
      if (outcome.kind === 'answer' || outcome.kind === 'fault') {
        if (running !== undefined) idleTimer = setTimeout(() => end().catch(ignore), options.idleMilliseconds).unref()
      } else await end()
      return outcome
    },
    async close() {
      isClosed = true
      await end()
    },
  }
}

function ignore(): void {
  // A thread that cannot be ended has ended already.
}

interface Job {
  readonly id: number
  readonly limits: JobLimits
  readonly settle: (outcome: JobOutcome) => void
}

class RunningThread {
  readonly #worker: Worker
  readonly #calls: NonNullable<LimitedThreadOptions['calls']>
  readonly #ready: Promise<void>
  #setReady: () => void = ignore
  #threadId: number | undefined
  #job: Job | undefined
  #jobs = 0
  #callsOpen = 0
  #cpuBefore = 0
  #startedAt = 0
  #aliveAt = 0
  #over: JobOutcome | undefined

  constructor({ entry, heapMegabytes, calls = {}, execArgv }: LimitedThreadOptions) {
    this.#calls = calls
    this.#ready = new Promise((resolve) => {
      this.#setReady = resolve
    })
    this.#worker = new Worker(entry, {
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
      env: {},
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    })
    this.#worker.on('message', (message: FromThread) => this.#receive(message))
    this.#worker.on('error', (error: unknown) => this.#fail(error))
    this.#worker.on('exit', () => this.#finish({ kind: 'crash', message: 'the thread ended', cpuMilliseconds: 0 }))
    this.#worker.unref()
  }

  async run(job: unknown, limits: JobLimits, transfer: readonly ArrayBuffer[]): Promise<JobOutcome> {
    if (this.#over !== undefined) return this.#over
    this.#jobs += 1
    const id = this.#jobs
    const outcome = new Promise<JobOutcome>((resolve) => {
      this.#job = { id, limits, settle: resolve }
    })
    this.#worker.ref()
    const startTimer = setTimeout(() => this.#finish({ kind: 'crash', message: 'the thread did not start in time', cpuMilliseconds: 0 }), START_MILLISECONDS)
    await Promise.race([this.#ready, outcome])
    clearTimeout(startTimer)
    if (this.#over !== undefined) return this.#over
    this.#startedAt = this.#aliveAt = performance.now()
    this.#cpuBefore = this.#readCpu() ?? 0
    this.#send({ kind: 'job', id, job }, transfer)
    const check = setInterval(() => this.#check(), CHECK_MILLISECONDS)
    const settled = await outcome
    clearInterval(check)
    this.#worker.unref()
    return settled
  }

  isOver(): boolean {
    return this.#over !== undefined
  }

  async end(): Promise<void> {
    this.#finish({ kind: 'closed' })
    await this.#worker.terminate()
  }

  #receive(message: FromThread): void {
    this.#aliveAt = performance.now()
    switch (message.kind) {
      case 'ready':
        this.#threadId = message.threadId
        this.#setReady()
        return
      case 'call':
        this.#answerCall(message).catch(ignore)
        return
      case 'answer':
      case 'fault':
        if (message.id !== this.#job?.id) return
        this.#settle({ ...message, cpuMilliseconds: this.#usedCpu() })
    }
  }

  async #answerCall({ callId, name, argument }: Extract<FromThread, { readonly kind: 'call' }>): Promise<void> {
    this.#callsOpen += 1
    try {
      const call = this.#calls[name]
      if (call === undefined) throw new Error(`the host has no ${name}`)
      this.#send({ kind: 'reply', callId, value: await call(argument as never) })
    } catch (error) {
      this.#send({ kind: 'refusal', callId, message: messageOf(error) })
    } finally {
      this.#callsOpen -= 1
      this.#aliveAt = performance.now()
    }
  }

  #send(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#over === undefined) this.#worker.postMessage(message, [...transfer])
  }

  #check(): void {
    const limits = this.#job?.limits
    if (limits === undefined) return
    if (this.#usedCpu() > limits.cpuMilliseconds) this.#stop('cpu')
    else if (this.#callsOpen === 0 && performance.now() - this.#aliveAt > limits.wallMilliseconds) this.#stop('wall')
  }

  #stop(limit: ThreadLimit): void {
    this.#finish({ kind: 'limit', limit, cpuMilliseconds: this.#usedCpu() })
    this.#worker.terminate().catch(ignore)
  }

  #fail(error: unknown): void {
    const cpuMilliseconds = this.#usedCpu()
    const isMemory = (error as { readonly code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
    this.#finish(isMemory ? { kind: 'limit', limit: 'memory', cpuMilliseconds } : { kind: 'crash', message: messageOf(error), cpuMilliseconds })
  }

  #finish(outcome: JobOutcome): void {
    this.#over ??= outcome
    this.#settle(outcome)
  }

  #settle(outcome: JobOutcome): void {
    const job = this.#job
    this.#job = undefined
    job?.settle(outcome)
  }

  #readCpu(): number | undefined {
    return this.#threadId === undefined ? undefined : readThreadCpuMilliseconds(this.#threadId)
  }

  #usedCpu(): number {
    if (this.#startedAt === 0) return 0
    const cpu = this.#readCpu()
    return cpu === undefined ? performance.now() - this.#startedAt : cpu - this.#cpuBefore
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
