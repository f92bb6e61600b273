// How long calls wait for the main thread while other work goes on, in its processor time: other programs on the machine do not count.
import { setTimeout as sleep } from 'node:timers/promises'
import { readThreadCpuMilliseconds } from '../../policies/threads/cpu-time.ts'

const PAUSE_MILLISECONDS = 5

/**
 * Calls again and again until `work` has ended. Of each call, the processor time that the main thread used between its start and its end, in milliseconds.
 * Empty where the system does not say.
 */
export async function waitsDuring(work: Promise<unknown>, call: () => Promise<unknown>): Promise<readonly number[]> {
  const waits: number[] = []
  let isOver = false
  const ended = work.finally(() => {
    isOver = true
  })
  // Its failure is that of the await below.
  ended.catch(() => undefined)
  while (!isOver) {
    const before = readThreadCpuMilliseconds(process.pid)
    await call()
    const after = readThreadCpuMilliseconds(process.pid)
    if (before !== undefined && after !== undefined) waits.push(after - before)
    await sleep(PAUSE_MILLISECONDS)
  }
  await ended
  return waits
}

/** The smallest value that 99 % of them do not exceed. */
export function percentile99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? 0
}
