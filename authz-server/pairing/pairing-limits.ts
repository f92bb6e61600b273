// How often codes may be asked for and guessed (RFC 8628 section 5.1). Counts live in the memory of the process; nothing else is kept.
import { type AttemptLimit, createAttemptLimit } from '../people/attempt-limit.ts'
import { PAIRING_LIFETIME_SECONDS } from './pairing.ts'

export interface PairingLimits {
  /** Wrong codes. A right one gives back its own try and clears nothing. */
  readonly triesOfSession: AttemptLimit
  readonly triesOfAddress: AttemptLimit
  readonly triesOfAll: AttemptLimit
  /** New pairings. A device is counted by its key, which cannot be changed; an app by the address it asks from. */
  readonly startsOfDevice: AttemptLimit
  readonly startsOfAddress: AttemptLimit
}

/** With 10,000 codes waiting at once, 1,000 guesses in their lifetime hit one with a chance of 1 in 2,560. */
export const CODE_TRIES_OF_ALL = 1000
export const CODE_TRIES = 5
export const PAIRINGS_MAX_PENDING = 10_000

export function createPairingLimits(): PairingLimits {
  const window = { windowSeconds: PAIRING_LIFETIME_SECONDS, maxKeys: 50_000 }
  return {
    triesOfSession: createAttemptLimit({ ...window, most: CODE_TRIES }),
    triesOfAddress: createAttemptLimit({ ...window, most: CODE_TRIES }),
    triesOfAll: createAttemptLimit({ ...window, most: CODE_TRIES_OF_ALL }),
    startsOfDevice: createAttemptLimit({ ...window, most: 30 }),
    startsOfAddress: createAttemptLimit({ ...window, most: 300 }),
  }
}
