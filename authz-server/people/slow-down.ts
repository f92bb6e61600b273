// Lets attempts of a busy account or network wait for a moment instead of refusing them: a guess becomes expensive, a right answer still gets through.
import { setTimeout as sleepFor } from 'node:timers/promises'

export type Sleep = (milliseconds: number) => Promise<unknown>

export interface SlowDown {
  /** True after the pause; false at once if as many wait for this key, or in all, as may. */
  pause(key: string): Promise<boolean>
}

export const SLOW_DOWN_MILLISECONDS = 1000
/** What a refused caller is told to wait. */
export const SLOW_DOWN_RETRY_SECONDS = 2
const WAITING_MAX_PER_KEY = 4
/** Each holds a connection. */
const WAITING_MAX = 200

export function createSlowDown(sleep: Sleep = sleepFor): SlowDown {
  const waiting = new Map<string, number>()
  let all = 0
  return {
    async pause(key) {
      const count = waiting.get(key) ?? 0
      if (count >= WAITING_MAX_PER_KEY || all >= WAITING_MAX) return false
      waiting.set(key, count + 1)
      all += 1
      try {
        await sleep(SLOW_DOWN_MILLISECONDS)
      } finally {
        all -= 1
        const left = (waiting.get(key) ?? 1) - 1
        if (left > 0) waiting.set(key, left)
        else waiting.delete(key)
      }
      return true
    },
  }
}
