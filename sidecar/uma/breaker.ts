// Leaves a service alone for a while after it failed several times in a row. Knows nothing of what is called.
import type { StateLog } from '../../system/log.ts'
import { BREAKER_FAILURES, BREAKER_OPEN_SECONDS } from '../limits.ts'

export interface Breaker {
  /** Undefined if the breaker is open or the call failed. */
  run<T>(call: () => Promise<T>): Promise<T | undefined>
}

export function createBreaker(monotonic: () => number, state?: StateLog): Breaker {
  let failures = 0
  let openUntil = 0

  const isOpen = () => failures >= BREAKER_FAILURES && monotonic() < openUntil

  return {
    async run(call) {
      if (isOpen()) return undefined
      // Half open: this one call goes through, others wait for what becomes of it.
      if (failures >= BREAKER_FAILURES) openUntil = monotonic() + BREAKER_OPEN_SECONDS * 1000
      try {
        const value = await call()
        failures = 0
        state?.back()
        return value
      } catch {
        failures += 1
        if (failures >= BREAKER_FAILURES) state?.lost()
        openUntil = monotonic() + BREAKER_OPEN_SECONDS * 1000
        return undefined
      }
    },
  }
}
