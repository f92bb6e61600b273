// Time as the protocols count it: whole seconds, read once per decision and handed down. Never reads a clock itself.

/** Seconds since 1970-01-01T00:00:00Z; a NumericDate (RFC 7519 section 2) without fraction. */
export type EpochSeconds = number & { readonly unit?: 'epoch-seconds' }

/**
 * Whole seconds of a clock that never goes back, counted from an unknown start. For durations alone: nonces, replay sets, limits.
 * The type keeps it apart from EpochSeconds, because a wall clock can be set back and would make old things new again.
 */
export type MonotonicSeconds = number & { readonly unit?: 'monotonic-seconds' }

/** Tells the time. Given by `main.ts` or by a test; everything below takes `now` as a value where it can. */
export type Clock = () => EpochSeconds

/** Whole seconds of a monotonic clock that counts milliseconds. */
export function readMonotonic(monotonicMilliseconds: () => number): MonotonicSeconds {
  return Math.floor(monotonicMilliseconds() / 1000)
}
