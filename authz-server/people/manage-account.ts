// An operator disables, enables or resets an account. What ends with it ends in the same transaction: sessions, tokens, requests that wait for others.
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Account } from '../store/people-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { listGrantRevocations } from '../tokens/end-grant.ts'
import { parseEmail } from './email.ts'
import { hashPassword, PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS } from './passwords.ts'

/** Long enough to reach the person by phone or letter of the same day. */
export const RESET_LIFETIME_SECONDS = 86_400
const RESET_TOKEN_BYTES = 32
const RESET_TOKEN_PREFIX = 'reset_'

export interface AccountChange {
  readonly account: Account
  /** False if it was so before. */
  readonly changed: boolean
}

type Changed = Result<AccountChange, 'person_unknown'>

/** `who`: an id or an e-mail address. */
export function disableAccount(context: Context, who: string, now: EpochSeconds): Promise<Changed> {
  return change(context, who, async (repositories, account) => {
    if (!(await repositories.people.setDisabled(account.id, now))) return false
    await endSessions(repositories, account.id)
    await endTokens(repositories, account.id, now)
    await repositories.accessRequests.close({ requester: account.id }, { reason: 'requester_gone' }, now)
    context.ports.log.info('account_disabled', { person: account.id })
    return true
  })
}

/** Devices and apps that were connected before connect again with a new code. */
export function enableAccount(context: Context, who: string): Promise<Changed> {
  return change(context, who, async (repositories, account) => {
    const changed = await repositories.people.setDisabled(account.id, null)
    if (changed) context.ports.log.info('account_enabled', { person: account.id })
    return changed
  })
}

export interface Reset {
  readonly account: Account
  /** For the person alone: with it they choose a new password, once. */
  readonly token: string
  readonly expiresAt: EpochSeconds
}

/** The old password and all sessions end at once. */
export async function resetAccount(context: Context, who: string, now: EpochSeconds): Promise<Result<Reset, 'person_unknown'>> {
  const token = RESET_TOKEN_PREFIX + buildBase64url(context.ports.randomBytes(RESET_TOKEN_BYTES))
  const unusable = await hashPassword(buildBase64url(context.ports.randomBytes(RESET_TOKEN_BYTES)))
  const expiresAt = now + RESET_LIFETIME_SECONDS
  const reset = await change(context, who, async (repositories, account) => {
    await repositories.people.setPassword(account.id, unusable)
    await endSessions(repositories, account.id)
    await repositories.passwordResets.put({ tokenHash: sha256Base64url(token), personId: account.id, expiresAt })
    context.ports.log.info('account_reset', { person: account.id })
    return true
  })
  return reset.ok ? ok({ account: reset.value.account, token, expiresAt }) : reset
}

export type ChoiceRefusal = 'reset_unusable' | 'password_too_short' | 'password_too_long'

/** Whose reset this is; undefined if it was used, replaced or has expired. */
export async function findReset(context: Context, token: string, now: EpochSeconds): Promise<Account | undefined> {
  const reset = await context.store.read.passwordResets.findLive(sha256Base64url(token), now)
  return reset && context.store.read.people.findAccount(reset.personId)
}

export async function choosePassword(
  context: Context,
  { token, password }: { readonly token: string; readonly password: string },
  now: EpochSeconds,
): Promise<Result<void, ChoiceRefusal>> {
  const account = await findReset(context, token, now)
  if (account === undefined) return err('reset_unusable')
  if (password.length < PASSWORD_MIN_CHARACTERS) return err('password_too_short')
  if (password.length > PASSWORD_MAX_CHARACTERS) return err('password_too_long')
  const passwordHash = await hashPassword(password)
  return context.store.transaction(async (repositories): Promise<Result<void, ChoiceRefusal>> => {
    if (!(await repositories.passwordResets.takeOnce(sha256Base64url(token), now))) return err('reset_unusable')
    await repositories.people.setPassword(account.id, passwordHash)
    await endSessions(repositories, account.id)
    return ok()
  })
}

function change(context: Context, who: string, work: (repositories: Repositories, account: Account) => Promise<boolean>): Promise<Changed> {
  return context.store.transaction(async (repositories): Promise<Changed> => {
    const account = await repositories.people.findAccount(parseEmail(who) ?? who)
    return account === undefined ? err('person_unknown') : ok({ account, changed: await work(repositories, account) })
  })
}

async function endSessions({ sessions }: Repositories, personId: string): Promise<void> {
  await sessions.removeOfPerson(personId)
}

async function endTokens(repositories: Repositories, personId: string, now: EpochSeconds): Promise<void> {
  const ended = await repositories.grants.revokeOfPerson(personId, now)
  const entries = await listGrantRevocations(repositories, ended, now)
  if (entries.length > 0) await repositories.feedLog.append(entries, now)
}
