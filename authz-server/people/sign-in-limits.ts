// How often passwords may be guessed: few times for one account from one network, more from all networks together, and no one can lock a person out from elsewhere.
import { LRUCache } from 'lru-cache'
import { addressPrefix } from '../../protocol/address.ts'
import { type AddressLimit, createAddressLimit } from './address-limit.ts'
import { type AttemptLimit, createAttemptLimit, type LimitSeconds } from './attempt-limit.ts'
import { createSlowDown, SLOW_DOWN_RETRY_SECONDS, type Sleep, type SlowDown } from './slow-down.ts'

export interface SignInLimits {
  /** One account from one network: refuses. */
  readonly byPair: AttemptLimit
  /** One account from everywhere: slows down. */
  readonly byAccount: AttemptLimit
  /** One network, whatever the account: slows down, and refuses much later. */
  readonly byAddress: AddressLimit
  /** Accounts with the networks that they have signed in from: guesses made elsewhere do not slow these down. */
  readonly known: LRUCache<string, true>
  readonly slowDown: SlowDown
}

const WINDOW_SECONDS = 900
export const GUESSES_OF_PAIR = 10
export const GUESSES_OF_ACCOUNT = 100
export const GUESSES_OF_ADDRESS_UNSLOWED = 30
export const GUESSES_OF_ADDRESS = 300
const MAX_KEYS = 50_000

/** `sleep` is for tests. */
export function createSignInLimits(sleep?: Sleep): SignInLimits {
  const window = { windowSeconds: WINDOW_SECONDS, maxKeys: MAX_KEYS }
  return {
    byPair: createAttemptLimit({ ...window, most: GUESSES_OF_PAIR }),
    byAccount: createAttemptLimit({ ...window, most: GUESSES_OF_ACCOUNT }),
    byAddress: createAddressLimit({ ...window, most: GUESSES_OF_ADDRESS, slowAfter: GUESSES_OF_ADDRESS_UNSLOWED }),
    known: new LRUCache<string, true>({ max: MAX_KEYS }),
    slowDown: createSlowDown(sleep),
  }
}

export interface Guess {
  /** The same for every spelling of one account. */
  readonly account: string
  readonly address: string
}

/** A guess that may be looked at. */
export interface AdmittedGuess {
  /** The password was right. */
  giveBack(): void
}

/** Seconds to wait, or the guess after the pause that it had to make. */
export async function admitGuess(
  limits: SignInLimits,
  { account, address }: Guess,
  now: LimitSeconds,
): Promise<AdmittedGuess | { readonly waitSeconds: number }> {
  const pair = `${account} ${addressPrefix(address, 64)}`
  // First of all: an account that is out of guesses must not use up those of its household.
  if (limits.byPair.left(pair, now) <= 0) return { waitSeconds: limits.byPair.waitSeconds(pair, now) }
  if (!limits.byAddress.take(address, now)) return { waitSeconds: limits.byAddress.waitSeconds(address, now) }
  limits.byPair.take(pair, now)
  const isKnown = limits.known.has(pair)
  const isCounted = !isKnown && limits.byAccount.take(account, now)
  const giveBack = () => {
    limits.byPair.giveBack(pair, now)
    limits.byAddress.giveBack(address, now)
    if (isCounted) limits.byAccount.giveBack(account, now)
  }
  const busy = [
    ...(isKnown || isCounted ? [] : [`account ${account}`]),
    ...(limits.byAddress.isSlow(address, now) ? [`network ${addressPrefix(address, 48)}`] : []),
  ]
  for (const key of busy) {
    if (await limits.slowDown.pause(key)) continue
    giveBack()
    return { waitSeconds: SLOW_DOWN_RETRY_SECONDS }
  }
  return {
    giveBack() {
      giveBack()
      limits.known.set(pair, true)
    },
  }
}
