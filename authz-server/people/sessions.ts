// Sessions of pages: opaque ids, stored hashed, idle and absolute ends, ended on the server. The cookie is `session-cookie.ts`'s.
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { PersonWithPassword } from '../store/people-repository.ts'
import type { SignedIn } from './signed-in.ts'

export const SESSION_IDLE_SECONDS = 30 * 60
export const SESSION_LIFETIME_SECONDS = 12 * 3600
/** Reading a page is not worth a write each time; an idle end may come this much early. */
const SESSION_TOUCH_SECONDS = 60
const SESSION_ID_BYTES = 32
const CSRF_TOKEN_BYTES = 32

/**
 * A new session for this person; the id goes into the cookie and nowhere else. Undefined if the account was disabled or got another password
 * while this one was being checked: what ended all sessions must not be followed by one more.
 */
export async function startSession(
  context: Context,
  person: Pick<PersonWithPassword, 'id' | 'email' | 'passwordHash'>,
  now: EpochSeconds,
): Promise<string | undefined> {
  const id = buildBase64url(context.ports.randomBytes(SESSION_ID_BYTES))
  const csrfToken = buildBase64url(context.ports.randomBytes(CSRF_TOKEN_BYTES))
  const session = { idHash: sha256Base64url(id), personId: person.id, csrfToken, createdAt: now, lastSeenAt: now, expiresAt: now + SESSION_LIFETIME_SECONDS }
  return context.store.transaction(async ({ people, sessions }) => {
    const current = await people.findByEmail(person.email)
    if (current?.passwordHash !== person.passwordHash || current.disabledAt !== undefined) return undefined
    await sessions.prune(now, now - SESSION_IDLE_SECONDS)
    await sessions.add(session)
    return id
  })
}

/** Who holds this session id; undefined for an unknown, idle or ended one. */
export async function findSignedIn(context: Context, id: string, now: EpochSeconds): Promise<SignedIn | undefined> {
  const idHash = sha256Base64url(id)
  const session = await context.store.read.sessions.find(idHash)
  if (session === undefined || session.expiresAt <= now || session.lastSeenAt + SESSION_IDLE_SECONDS <= now) return undefined
  const person = await context.store.read.people.find(session.personId)
  if (person === undefined) return undefined
  if (now - session.lastSeenAt >= SESSION_TOUCH_SECONDS) await context.store.transaction(({ sessions }) => sessions.touch(idHash, now))
  return { personId: person.id, email: person.email, displayName: person.displayName, csrfToken: session.csrfToken }
}

export async function endSession(context: Context, id: string): Promise<void> {
  await context.store.transaction(({ sessions }) => sessions.remove(sha256Base64url(id)))
}
