// How often codes may be guessed, and pairings started. A right code gives back its own attempt and clears nothing (RFC 8628 section 5.1).
import { type AttemptLimit, createAttemptLimit } from '../people/attempt-limit.ts'

export interface PairingLimits {
  readonly guessesBySession: AttemptLimit
  readonly guessesByAddress: AttemptLimit
  /** Over all: a search by many addresses at once. One in two million that any of 500 live codes is hit before it ends. */
  readonly guessesByAll: AttemptLimit
  /** Pairings of apps, which any key can start. */
  readonly startsByAddress: AttemptLimit
}

export function createPairingLimits(): PairingLimits {
  return {
    guessesBySession: createAttemptLimit({ most: 5, windowSeconds: 600, maxKeys: 50_000 }),
    guessesByAddress: createAttemptLimit({ most: 20, windowSeconds: 600, maxKeys: 50_000 }),
    guessesByAll: createAttemptLimit({ most: 10_000, windowSeconds: 600, maxKeys: 1 }),
    startsByAddress: createAttemptLimit({ most: 300, windowSeconds: 600, maxKeys: 50_000 }),
  }
}
