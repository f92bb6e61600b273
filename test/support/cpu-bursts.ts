// How long the main thread works without looking at its events, in processor time: other programs on the machine do not count.
import { readThreadCpuMilliseconds } from '../../policies/threads/cpu-time.ts'

const SAMPLE_MILLISECONDS = 5

/** The longest piece of work of this thread, in milliseconds of processor time, while `work` went on. Undefined where the system does not say. */
export async function longestBurst(work: () => Promise<unknown>): Promise<number | undefined> {
  const first = readThreadCpuMilliseconds(process.pid)
  if (first === undefined) {
    await work()
    return undefined
  }
  let [longest, last] = [0, first]
  const sample = () => {
    const now = readThreadCpuMilliseconds(process.pid) ?? last
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(sample, SAMPLE_MILLISECONDS)
  try {
    await work()
  } finally {
    clearInterval(timer)
    sample()
  }
  return longest
}
