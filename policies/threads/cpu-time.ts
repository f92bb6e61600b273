// How much processor time a thread of this process has used. Only Linux reports it for each thread; elsewhere the answer is undefined.
import { readFileSync, readlinkSync } from 'node:fs'

/** Linux counts thread times in hundredths of a second (USER_HZ), on every architecture that Node supports. */
const TICK_MILLISECONDS = 10
/** Fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold spaces. */
const USER_TICKS = 11
const SYSTEM_TICKS = 12

/** The calling thread, as the system numbers it. */
export function readOwnThreadId(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1)) || undefined
  } catch {
    return undefined
  }
}

/** Milliseconds since the thread started. */
export function readThreadCpuMilliseconds(threadId: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/self/task/${threadId}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])
    return Number.isNaN(ticks) ? undefined : ticks * TICK_MILLISECONDS
  } catch {
    return undefined
  }
}
