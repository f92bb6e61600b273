// Grants: what one pairing gave, from which all its tokens come. Ending a grant ends them all.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { GrantsTable, Schema } from './schema.ts'

export interface TokenGrant {
  readonly id: string
  readonly clientId: string
  readonly personId: string
  readonly deviceId: string | null
  /** The device's ownership epoch at pairing; null for an app. */
  readonly epoch: number | null
  /** The key that all its tokens are bound to. */
  readonly jkt: string
  readonly scope: readonly string[]
  readonly createdAt: EpochSeconds
  readonly revokedAt: EpochSeconds | null
}

export interface GrantsRepository {
  add(grant: Omit<TokenGrant, 'revokedAt'>): Promise<void>
  find(id: string): Promise<TokenGrant | undefined>
  /** False if it was ended before. */
  revoke(id: string, now: EpochSeconds): Promise<boolean>
  /** Ends all live ones of a device; gives their ids. */
  revokeOfDevice(deviceId: string, now: EpochSeconds): Promise<readonly string[]>
}

export function createGrantsRepository(db: Kysely<Schema>): GrantsRepository {
  return {
    async add(grant) {
      const row: GrantsTable = {
        id: grant.id,
        client_id: grant.clientId,
        person_id: grant.personId,
        device_id: grant.deviceId,
        epoch: grant.epoch,
        jkt: grant.jkt,
        scope: grant.scope.join(' '),
        created_at: grant.createdAt,
        revoked_at: null,
      }
      await db.insertInto('grants').values(row).execute()
    },
    async find(id) {
      const row = await db.selectFrom('grants').selectAll().where('id', '=', id).executeTakeFirst()
      return row && readGrant(row)
    },
    async revoke(id, now) {
      const result = await db.updateTable('grants').set({ revoked_at: now }).where('id', '=', id).where('revoked_at', 'is', null).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async revokeOfDevice(deviceId, now) {
      const ended = db.updateTable('grants').set({ revoked_at: now }).where('device_id', '=', deviceId).where('revoked_at', 'is', null)
      return (await ended.returning('id').execute()).map((row) => row.id)
    },
  }
}

function readGrant(row: GrantsTable): TokenGrant {
  return {
    id: row.id,
    clientId: row.client_id,
    personId: row.person_id,
    deviceId: row.device_id,
    epoch: row.epoch,
    jkt: row.jkt,
    scope: row.scope === '' ? [] : row.scope.split(' '),
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  }
}
