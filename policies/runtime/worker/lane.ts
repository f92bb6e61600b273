// One worker thread with one module: a question at a time, ended by force some time after its limit. It does not start itself anew and keeps no queue.
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { assetPath } from '../../assets.ts'
import {
  ANSWER_MAX_BYTES,
  LANE_HEAP_MEGABYTES,
  LANE_MEMORY_MAX_PAGES,
  LANE_MEMORY_MIN_PAGES,
  LANE_STACK_MEGABYTES,
  LANE_START_MILLISECONDS,
  LANE_YOUNG_HEAP_MEGABYTES,
} from './runner-limits.ts'

export type LaneAnswer =
  | { readonly kind: 'answer'; readonly text: string }
  /** The module failed by itself; the lane goes on. */
  | { readonly kind: 'fault'; readonly reason: string }
  /** The module wanted more memory than there is for it; the lane goes on with a fresh one. */
  | { readonly kind: 'exhausted'; readonly reason: string }
  /** Not in time. The lane is not free before it says `onLate`, or ends. */
  | { readonly kind: 'overdue'; readonly reason: string }
  /** The thread is gone. */
  | { readonly kind: 'ended'; readonly reason: string }

export interface Lane {
  /** One at a time. */
  ask(input: ArrayBuffer, limits: LaneLimits): Promise<LaneAnswer>
  end(): Promise<void>
}

export interface LaneLimits {
  /** Then the one who asked is answered. */
  readonly milliseconds: number
  /** So much later the thread is ended: on a busy machine an answer may be late without being endless. */
  readonly graceMilliseconds: number
}

type Message = { readonly kind: 'ready' } | { readonly kind: 'unusable'; readonly reason: string } | (LaneAnswer & { readonly id: number })

export interface LaneOptions {
  readonly module: WebAssembly.Module
  readonly entrypoint: string
  readonly onReady: () => void
  /** An overdue answer came after all, and is thrown away; the lane is free. */
  readonly onLate: (answer: LaneAnswer) => void
  /** The module itself cannot be started; nor could it in another lane. */
  readonly onUnusable: (reason: string) => void
  /** Once, when the thread is gone without having been told to end. */
  readonly onEnd: (reason: string) => void
}

interface Question {
  readonly id: number
  readonly settle: (answer: LaneAnswer) => void
}

export function startLane({ module, entrypoint, onReady, onLate, onUnusable, onEnd }: LaneOptions): Lane {
  const worker = startWorker(module, entrypoint)
  let question: Question | undefined
  let questions = 0
  let isOver = false
  let overdue: { readonly id: number; readonly timer: NodeJS.Timeout } | undefined
  const startTimer = setTimeout(() => stop('it did not start in time'), LANE_START_MILLISECONDS)

  function settle(answer: LaneAnswer): void {
    const asked = question
    question = undefined
    asked?.settle(answer)
  }

  async function end(reason: string): Promise<void> {
    isOver = true
    clearTimeout(startTimer)
    clearTimeout(overdue?.timer)
    settle({ kind: 'ended', reason })
    await worker.terminate()
  }

  function stop(reason: string): void {
    if (isOver) return
    end(reason).catch(() => undefined) // it is not asked again, whether it has ended or not
    onEnd(reason)
  }

  function becomeOverdue(id: number, { milliseconds, graceMilliseconds }: LaneLimits): void {
    if (question?.id !== id) return
    const reason = `no decision within ${milliseconds} ms`
    overdue = { id, timer: setTimeout(() => stop(reason), graceMilliseconds) }
    settle({ kind: 'overdue', reason })
  }

  function onAnswer(message: Extract<Message, { readonly id: number }>): void {
    if (message.id === question?.id) settle(message)
    if (message.id !== overdue?.id) return
    clearTimeout(overdue.timer)
    overdue = undefined
    onLate(message)
  }

  worker.on('message', (message: Message) => {
    if (isOver) return
    if ('id' in message) {
      onAnswer(message)
      return
    }
    clearTimeout(startTimer)
    if (message.kind === 'ready') onReady()
    else onUnusable(message.reason)
  })
  worker.on('error', (error: Error) => stop(`it stopped: ${error.message}`))
  worker.on('exit', () => stop('it ended'))

  return {
    ask(input, limits) {
      return new Promise((resolve) => {
        questions += 1
        const id = questions
        // When this thread itself was late, the answer may be there already: it is read before the verdict.
        const timer = setTimeout(() => setImmediate(() => becomeOverdue(id, limits)), limits.milliseconds)
        question = {
          id,
          settle(answer) {
            clearTimeout(timer)
            resolve(answer)
          },
        }
        worker.postMessage({ id, input: new Uint8Array(input) })
      })
    },
    end: () => end('it was ended'),
  }
}

function startWorker(module: WebAssembly.Module, entrypoint: string): Worker {
  const worker = new Worker(pathToFileURL(assetPath('runtime/worker/run-module.mjs')), {
    workerData: { module, entrypoint, minimumPages: LANE_MEMORY_MIN_PAGES, maximumPages: LANE_MEMORY_MAX_PAGES, answerMaxBytes: ANSWER_MAX_BYTES },
    resourceLimits: { maxOldGenerationSizeMb: LANE_HEAP_MEGABYTES, maxYoungGenerationSizeMb: LANE_YOUNG_HEAP_MEGABYTES, stackSizeMb: LANE_STACK_MEGABYTES },
    env: {},
    execArgv: [],
  })
  worker.unref()
  return worker
}
