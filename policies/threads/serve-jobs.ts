// The inside of a limited thread: takes jobs, answers each, and may ask the host for what a job needs. It knows nothing of what the jobs do.
import { parentPort } from 'node:worker_threads'
import { readOwnThreadId } from './cpu-time.ts'
import type { FromThread, ToThread } from './thread-messages.ts'

/** Asks the host by name. Rejects with what the host says. */
export type CallHost = (name: string, argument: unknown) => Promise<unknown>

export interface JobAnswer {
  readonly value: unknown
  /** Moved to the host instead of copied. */
  readonly transfer?: readonly ArrayBuffer[]
}

export function serveJobs(work: (job: unknown, call: CallHost) => Promise<JobAnswer>): void {
  if (parentPort === null) throw new Error('this file is the entry of a worker thread')
  const port = parentPort
  const calls = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>()
  let callIds = 0
  const send = (message: FromThread, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer])

  const call: CallHost = (name, argument) =>
    new Promise((resolve, reject) => {
      callIds += 1
      calls.set(callIds, { resolve, reject })
      send({ kind: 'call', callId: callIds, name, argument })
    })

  async function answer(id: number, job: unknown): Promise<void> {
    try {
      const { value, transfer } = await work(job, call)
      send({ kind: 'answer', id, value }, transfer)
    } catch (error) {
      send({ kind: 'fault', id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }

  port.on('message', (message: ToThread) => {
    if (message.kind === 'job') {
      answer(message.id, message.job).catch((error: unknown) => send({ kind: 'fault', id: message.id, message: String(error) }))
      return
    }
    const waiting = calls.get(message.callId)
    calls.delete(message.callId)
    if (message.kind === 'reply') waiting?.resolve(message.value)
    else waiting?.reject(new Error(message.message))
  })
  send({ kind: 'ready', threadId: readOwnThreadId() })
}
