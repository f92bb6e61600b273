// Counts attempts per key in a window of time, in memory and bounded. A success gives back its own attempt and never clears a count: else an attacker with one account could reset it.

/** Seconds on any clock that only goes forward. Within one limit, always the same clock. */
export type LimitSeconds = number

export interface AttemptLimitOptions {
  readonly most: number
  readonly windowSeconds: number
  /** Keys remembered at once. When that many are alive, further keys share one count. */
  readonly maxKeys: number
}

export interface AttemptLimit {
  /** Counts one attempt. False if this key had its attempts in the current window; the attempt must then not be looked at. */
  take(key: string, now: LimitSeconds): boolean
  /** Uncounts one attempt that turned out to be right. */
  giveBack(key: string, now: LimitSeconds): void
  /** Attempts left for this key. */
  left(key: string, now: LimitSeconds): number
  /** Seconds until this key may try again. */
  waitSeconds(key: string, now: LimitSeconds): number
}

interface Window {
  count: number
  readonly endsAt: LimitSeconds
}

const OVERFLOW_KEY = '\u0000overflow'

export function createAttemptLimit({ most, windowSeconds, maxKeys }: AttemptLimitOptions): AttemptLimit {
  // Maps keep the order of insertion, and every window has the same length: the oldest end first.
  const windows = new Map<string, Window>()

  function forgetEnded(now: LimitSeconds): void {
    for (const [key, window] of windows) {
      if (window.endsAt > now) return
      windows.delete(key)
    }
  }

  function find(key: string, now: LimitSeconds): Window | undefined {
    const window = windows.get(key) ?? (windows.size >= maxKeys ? windows.get(OVERFLOW_KEY) : undefined)
    return window && window.endsAt > now ? window : undefined
  }

  function open(key: string, now: LimitSeconds): Window {
    const window = { count: 0, endsAt: now + windowSeconds }
    const name = windows.size >= maxKeys ? OVERFLOW_KEY : key
    windows.delete(name)
    windows.set(name, window)
    return window
  }

  return {
    take(key, now) {
      forgetEnded(now)
      const window = find(key, now) ?? open(key, now)
      if (window.count >= most) return false
      window.count += 1
      return true
    },
    giveBack(key, now) {
      const window = find(key, now)
      if (window !== undefined && window.count > 0) window.count -= 1
    },
    left: (key, now) => most - (find(key, now)?.count ?? 0),
    waitSeconds: (key, now) => Math.max(1, Math.ceil((find(key, now)?.endsAt ?? now) - now)),
  }
}
