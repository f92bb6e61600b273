// Checks an e-mail address and a password, within limits per network address and per account. Tells nobody which of the two was wrong.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildAddressKey } from './address-key.ts'
import { type AttemptLimit, createAttemptLimit } from './attempt-limit.ts'
import { parseEmail } from './email.ts'
import { isPassword } from './passwords.ts'
import { startSession } from './sessions.ts'

export interface SignInLimits {
  readonly byAddress: AttemptLimit
  readonly byAccount: AttemptLimit
}

/** Ten guesses at one account in a quarter of an hour; thirty from one address, for a household behind it. */
export function createSignInLimits(): SignInLimits {
  return {
    byAddress: createAttemptLimit({ most: 30, windowSeconds: 900, maxKeys: 50_000 }),
    byAccount: createAttemptLimit({ most: 10, windowSeconds: 900, maxKeys: 50_000 }),
  }
}

export interface SignInAttempt {
  readonly email: string
  readonly password: string
  readonly address: string
}

export type SignInRefusal = { readonly reason: 'credentials_wrong' } | { readonly reason: 'too_many_attempts'; readonly waitSeconds: number }

/** The id of a new session. */
export async function signIn(context: Context, attempt: SignInAttempt, now: EpochSeconds): Promise<Result<string, SignInRefusal>> {
  const { byAddress, byAccount } = context.signInLimits
  const addressKey = buildAddressKey(attempt.address)
  if (!byAddress.take(addressKey, now)) return err({ reason: 'too_many_attempts', waitSeconds: byAddress.waitSeconds(addressKey, now) })
  const email = parseEmail(attempt.email)
  // Unknown accounts are counted like known ones: the limit must not tell which exist.
  const accountKey = email ?? 'unusable'
  if (!byAccount.take(accountKey, now)) return err({ reason: 'too_many_attempts', waitSeconds: byAccount.waitSeconds(accountKey, now) })
  const person = email === undefined ? undefined : await context.store.read.people.findByEmail(email)
  const matches = await isPassword(attempt.password, person?.passwordHash)
  if (!matches || person === undefined) {
    context.ports.log.info('sign_in_refused', { address: attempt.address })
    return err({ reason: 'credentials_wrong' })
  }
  byAddress.giveBack(addressKey, now)
  byAccount.giveBack(accountKey, now)
  return ok(await startSession(context, person.id, now))
}
