// Makes an account. Sidecars learn of the new owner, who shares nothing yet, in the same transaction.
import { buildBase64url } from '../../protocol/encoding.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { parseEmail } from './email.ts'
import { hashPassword, PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS } from './passwords.ts'

const PERSON_ID_BYTES = 16
const DISPLAY_NAME_MAX_CHARACTERS = 100

export interface NewPerson {
  readonly email: string
  readonly displayName: string
  readonly password: string
  /** The operator says that this address is this person's: rules that name it will count. */
  readonly emailVerified: boolean
}

export type AddPersonRefusal = 'email_unusable' | 'display_name_unusable' | 'password_too_short' | 'password_too_long' | 'email_taken'

/** The new person's id. */
export async function addPerson(context: Context, person: NewPerson, now: EpochSeconds): Promise<Result<string, AddPersonRefusal>> {
  const email = parseEmail(person.email)
  if (email === undefined) return err('email_unusable')
  const displayName = person.displayName.trim()
  if (displayName === '' || displayName.length > DISPLAY_NAME_MAX_CHARACTERS || !displayName.isWellFormed()) return err('display_name_unusable')
  if (person.password.length < PASSWORD_MIN_CHARACTERS) return err('password_too_short')
  if (person.password.length > PASSWORD_MAX_CHARACTERS) return err('password_too_long')
  const passwordHash = await hashPassword(person.password)
  const id = buildBase64url(context.ports.randomBytes(PERSON_ID_BYTES))
  const added = await context.store.transaction(async ({ people, feedLog }) => {
    if (!(await people.add({ id, email, displayName, passwordHash, emailVerified: person.emailVerified, createdAt: now }))) return false
    await feedLog.append([{ kind: 'owner', owner: id, policy_revision: 0, artifact: null }], now)
    return true
  })
  return added ? ok(id) : err('email_taken')
}
