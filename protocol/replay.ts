// Remembers what may be used once, for as long as it could be used again, by a clock that never goes back. Bounded; never forgets a live entry; full means no.
import type { MonotonicSeconds } from './time.ts'

export type ReplayAnswer = 'first_use' | 'replayed' | 'full'

export interface ReplayStore {
  /** Remembers `id` for this key until `expiresAt`. One atomic step. `full` must be answered like a fault: 503. */
  remember(jkt: string, id: string, expiresAt: MonotonicSeconds, now: MonotonicSeconds): ReplayAnswer
}

/** About 100 bytes an entry: 100 MB at the most. */
export const REPLAY_MAX_ENTRIES = 1_000_000
/** Ids longer than this are refused by the proof checks, so that an entry's size is bounded. */
export const REPLAY_MAX_ID_CHARACTERS = 256
/** Entries are dropped a whole slice of time at once. */
const SLICE_SECONDS = 30

/** In the memory of one process: right for a sidecar that mints its own nonces, since a restart makes a new nonce secret. */
export function createMemoryReplayStore(maxEntries: number = REPLAY_MAX_ENTRIES): ReplayStore & { readonly size: () => number } {
  const slices = new Map<number, Set<string>>()
  let size = 0

  function dropExpired(now: MonotonicSeconds): void {
    for (const [slice, entries] of slices) {
      if ((slice + 1) * SLICE_SECONDS > now) continue
      size -= entries.size
      slices.delete(slice)
    }
  }

  return {
    size: () => size,
    remember(jkt, id, expiresAt, now) {
      dropExpired(now)
      const entry = `${jkt}.${id}`
      for (const entries of slices.values()) if (entries.has(entry)) return 'replayed'
      if (size >= maxEntries) return 'full'
      const slice = Math.floor(expiresAt / SLICE_SECONDS)
      const entries = slices.get(slice) ?? new Set<string>()
      slices.set(slice, entries)
      entries.add(entry)
      size += 1
      return 'first_use'
    },
  }
}
