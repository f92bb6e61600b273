// How often codes may be asked for and guessed (RFC 8628 section 5.1), and how many may wait at once. Counts live in the memory of the process.
import { type AddressLimit, createAddressLimit } from '../people/address-limit.ts'
import { type AttemptLimit, createAttemptLimit } from '../people/attempt-limit.ts'
import { createSlowDown, type Sleep, type SlowDown } from '../people/slow-down.ts'
import type { WaitingCodes } from '../store/pairings-repository.ts'
import { PAIRING_LIFETIME_SECONDS } from './pairing.ts'

export interface PairingLimits {
  /** Wrong codes of one account: refuses. A right one gives back its own try and clears nothing. */
  readonly triesOfSession: AttemptLimit
  /** Wrong codes of one network: slows down, and refuses much later. */
  readonly triesOfAddress: AddressLimit
  readonly triesOfAll: AttemptLimit
  /** New pairings. A device is counted by its key, which cannot be changed; an app by the address it asks from. */
  readonly startsOfDevice: AttemptLimit
  readonly startsOfAddress: AddressLimit
  readonly slowDown: SlowDown
}

/** With 30,000 codes waiting at once, 1,000 guesses in their lifetime hit one with a chance of 1 in 850. */
export const CODE_TRIES_OF_ALL = 1000
export const CODE_TRIES = 5
export const CODE_TRIES_OF_ADDRESS_UNSLOWED = 30
export const CODE_TRIES_OF_ADDRESS = 300
const STARTS_OF_DEVICE = 30
const STARTS_OF_ADDRESS = 300

/** Codes that may wait at once. Each kind of asker has its own places, so that strangers cannot take those of registered devices. */
export const WAITING_MAX: { readonly [asker in WaitingCodes['askedBy']]: number } = { device: 10_000, client: 10_000, public: 10_000 }
/** A device that asks again and again gets a new code each time; its oldest one ends. */
export const WAITING_MAX_OF_DEVICE = 5
/** Codes that one person has typed lately: these never end before their time. */
export const OPENED_MAX_OF_PERSON = 3

/** `sleep` is for tests. */
export function createPairingLimits(sleep?: Sleep): PairingLimits {
  const window = { windowSeconds: PAIRING_LIFETIME_SECONDS, maxKeys: 50_000 }
  return {
    triesOfSession: createAttemptLimit({ ...window, most: CODE_TRIES }),
    triesOfAddress: createAddressLimit({ ...window, most: CODE_TRIES_OF_ADDRESS, slowAfter: CODE_TRIES_OF_ADDRESS_UNSLOWED }),
    triesOfAll: createAttemptLimit({ ...window, most: CODE_TRIES_OF_ALL }),
    startsOfDevice: createAttemptLimit({ ...window, most: STARTS_OF_DEVICE }),
    startsOfAddress: createAddressLimit({ ...window, most: STARTS_OF_ADDRESS }),
    slowDown: createSlowDown(sleep),
  }
}
