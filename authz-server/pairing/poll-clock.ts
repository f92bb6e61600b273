// The time by which a device's polls are judged: the wall clock's at its first poll, and from there on a clock that never goes back. Bounded, in memory.
import { type EpochSeconds, type MonotonicSeconds, readMonotonic } from '../../protocol/time.ts'
import { WAITING_MAX } from './pairing-limits.ts'

/** Twice as many as can be pending; a pairing that is forgotten is judged by the wall clock again. */
const PAIRINGS_MAX = 2 * (WAITING_MAX.device + WAITING_MAX.client + WAITING_MAX.public)

export interface PollClock {
  /** Seconds that compare with the pairing's times, whatever the wall clock was set to since its first poll. */
  nowFor(pairingId: string, wallNow: EpochSeconds): EpochSeconds
}

export function createPollClock(monotonic: () => number): PollClock {
  const firstPolls = new Map<string, { readonly wall: EpochSeconds; readonly at: MonotonicSeconds }>()

  return {
    nowFor(pairingId, wallNow) {
      const at = readMonotonic(monotonic)
      const first = firstPolls.get(pairingId)
      if (first !== undefined) return first.wall + at - first.at
      const [oldest] = firstPolls.keys()
      if (oldest !== undefined && firstPolls.size >= PAIRINGS_MAX) firstPolls.delete(oldest)
      firstPolls.set(pairingId, { wall: wallNow, at })
      return wallNow
    },
  }
}
