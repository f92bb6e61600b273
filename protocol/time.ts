// Time as the protocols count it: whole seconds, read once per decision and handed down. Never reads a clock itself.

/** Seconds since 1970-01-01T00:00:00Z; a NumericDate (RFC 7519 section 2) without fraction. */
export type EpochSeconds = number & { readonly unit?: 'epoch-seconds' }

/** Tells the time. Given by `main.ts` or by a test; everything below takes `now` as a value where it can. */
export type Clock = () => EpochSeconds
