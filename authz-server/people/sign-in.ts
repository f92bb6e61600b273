// Checks an e-mail address and a password, within the limits of sign-in-limits.ts. Does not reveal which of the two was wrong.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { parseEmail } from './email.ts'
import { isPassword } from './passwords.ts'
import { startSession } from './sessions.ts'
import { admitGuess } from './sign-in-limits.ts'

export interface SignInAttempt {
  readonly email: string
  readonly password: string
  readonly address: string
}

export type SignInRefusal =
  | { readonly reason: 'credentials_wrong' }
  /** Said only to a caller who knows the password. */
  | { readonly reason: 'account_disabled' }
  | { readonly reason: 'too_many_attempts'; readonly waitSeconds: number }

/** The id of a new session. */
export async function signIn(context: Context, attempt: SignInAttempt, now: EpochSeconds): Promise<Result<string, SignInRefusal>> {
  const email = parseEmail(attempt.email)
  // Unknown accounts are counted like known ones: the limit must not reveal which exist.
  const guess = { account: email ?? 'unusable', address: attempt.address }
  const admitted = await admitGuess(context.signInLimits, guess, context.ports.monotonic() / 1000)
  if ('waitSeconds' in admitted) return err({ reason: 'too_many_attempts', waitSeconds: admitted.waitSeconds })
  const person = email === undefined ? undefined : await context.store.read.people.findByEmail(email)
  const matches = await isPassword(attempt.password, person?.passwordHash)
  if (!matches || person === undefined) {
    context.ports.log.info('sign_in_refused', { address: attempt.address })
    return err({ reason: 'credentials_wrong' })
  }
  admitted.giveBack()
  if (person.disabledAt !== undefined) return err({ reason: 'account_disabled' })
  const sessionId = await startSession(context, person, now)
  return sessionId === undefined ? err({ reason: 'credentials_wrong' }) : ok(sessionId)
}
