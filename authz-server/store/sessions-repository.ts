// Sessions of signed-in people, found by the SHA-256 of their id alone: a copy of the database opens no session.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface Session {
  readonly idHash: string
  readonly personId: string
  readonly csrfToken: string
  readonly createdAt: EpochSeconds
  readonly lastSeenAt: EpochSeconds
  /** The absolute end, whatever is done meanwhile. */
  readonly expiresAt: EpochSeconds
}

export interface SessionsRepository {
  add(session: Session): Promise<void>
  find(idHash: string): Promise<Session | undefined>
  touch(idHash: string, now: EpochSeconds): Promise<void>
  remove(idHash: string): Promise<void>
  removeOfPerson(personId: string): Promise<number>
  /** Forgets what ended before `now`, or was not seen since `idleSince`. */
  prune(now: EpochSeconds, idleSince: EpochSeconds): Promise<void>
}

export function createSessionsRepository(db: Kysely<Schema>): SessionsRepository {
  return {
    async add(session) {
      await db
        .insertInto('sessions')
        .values({
          id_hash: session.idHash,
          person_id: session.personId,
          csrf_token: session.csrfToken,
          created_at: session.createdAt,
          last_seen_at: session.lastSeenAt,
          expires_at: session.expiresAt,
        })
        .execute()
    },
    async find(idHash) {
      const row = await db.selectFrom('sessions').selectAll().where('id_hash', '=', idHash).executeTakeFirst()
      if (row === undefined) return undefined
      return {
        idHash: row.id_hash,
        personId: row.person_id,
        csrfToken: row.csrf_token,
        createdAt: row.created_at,
        lastSeenAt: row.last_seen_at,
        expiresAt: row.expires_at,
      }
    },
    async touch(idHash, now) {
      await db.updateTable('sessions').set({ last_seen_at: now }).where('id_hash', '=', idHash).execute()
    },
    async remove(idHash) {
      await db.deleteFrom('sessions').where('id_hash', '=', idHash).execute()
    },
    async removeOfPerson(personId) {
      return Number((await db.deleteFrom('sessions').where('person_id', '=', personId).executeTakeFirst()).numDeletedRows)
    },
    async prune(now, idleSince) {
      await db
        .deleteFrom('sessions')
        .where((eb) => eb.or([eb('expires_at', '<=', now), eb('last_seen_at', '<=', idleSince)]))
        .execute()
    },
  }
}
