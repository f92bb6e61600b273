// Each requesting-party token is a grant of its own, recorded so that it can be revoked. Has no refresh token, so it is worthless when the token ends.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface RptGrant {
  readonly id: string
  readonly clientId: string
  readonly personId: string
  readonly jkt: string
  readonly createdAt: EpochSeconds
}

/** Names such grants in the table of all grants. No client can ask for this scope: it holds a character that scopes cannot hold. */
export const RPT_SCOPE = '"rpt"'

export interface RptGrantsRepository {
  add(grant: RptGrant): Promise<void>
  /** Ends all live ones that this app won for this person with this key; gives their ids. */
  revokeOf(app: Pick<RptGrant, 'clientId' | 'personId' | 'jkt'>, now: EpochSeconds): Promise<readonly string[]>
  /** Ends all live ones; gives their ids. */
  revokeAll(now: EpochSeconds): Promise<readonly string[]>
  /** Forgets those made before that; their tokens have ended. */
  prune(before: EpochSeconds): Promise<void>
}

export function createRptGrantsRepository(db: Kysely<Schema>): RptGrantsRepository {
  return {
    async add({ id, clientId, personId, jkt, createdAt }) {
      await db
        .insertInto('grants')
        .values({ id, client_id: clientId, person_id: personId, device_id: null, epoch: null, jkt, scope: RPT_SCOPE, created_at: createdAt, revoked_at: null })
        .execute()
    },
    async revokeOf({ clientId, personId, jkt }, now) {
      const live = db.updateTable('grants').set({ revoked_at: now }).where('scope', '=', RPT_SCOPE).where('revoked_at', 'is', null)
      const ended = live.where('person_id', '=', personId).where('client_id', '=', clientId).where('jkt', '=', jkt)
      return (await ended.returning('id').execute()).map((row) => row.id)
    },
    async revokeAll(now) {
      const live = db.updateTable('grants').set({ revoked_at: now }).where('scope', '=', RPT_SCOPE).where('revoked_at', 'is', null)
      return (await live.returning('id').execute()).map((row) => row.id)
    },
    async prune(before) {
      await db.deleteFrom('grants').where('scope', '=', RPT_SCOPE).where('created_at', '<', before).execute()
    },
  }
}
