// Grants: what one pairing gave, from which all its tokens come. Ending a grant ends them all.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import { RPT_SCOPE } from './rpt-grants-repository.ts'
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
  /** Ends all live ones of a person, requesting-party tokens too; gives their ids. */
  revokeOfPerson(personId: string, now: EpochSeconds): Promise<readonly string[]>
  /** Live grants of apps that one key of one client has for this person. */
  listOfApp(app: Pick<TokenGrant, 'clientId' | 'personId' | 'jkt'>): Promise<readonly TokenGrant[]>
  /** All live ones that come from a pairing. */
  listLive(): Promise<readonly TokenGrant[]>
  /** The same pairing under a new name and with fewer abilities: tokens of before name the old grant, which ends. Its refresh tokens go along, used ones too. */
  replace(id: string, next: Omit<TokenGrant, 'revokedAt'>, now: EpochSeconds): Promise<void>
}

export function createGrantsRepository(db: Kysely<Schema>): GrantsRepository {
  const add = async (grant: Omit<TokenGrant, 'revokedAt'>) => {
    await db.insertInto('grants').values(buildRow(grant)).execute()
  }
  return {
    add,
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
    async revokeOfPerson(personId, now) {
      const ended = db.updateTable('grants').set({ revoked_at: now }).where('person_id', '=', personId).where('revoked_at', 'is', null)
      return (await ended.returning('id').execute()).map((row) => row.id)
    },
    async listOfApp({ clientId, personId, jkt }) {
      const live = db.selectFrom('grants').selectAll().where('person_id', '=', personId).where('client_id', '=', clientId).where('revoked_at', 'is', null)
      const rows = await live.where('jkt', '=', jkt).where('device_id', 'is', null).where('scope', '!=', RPT_SCOPE).execute()
      return rows.map(readGrant)
    },
    async listLive() {
      const live = db.selectFrom('grants').selectAll().where('revoked_at', 'is', null).where('scope', '!=', RPT_SCOPE)
      return (await live.orderBy('id').execute()).map(readGrant)
    },
    async replace(id, next, now) {
      await add(next)
      await db.updateTable('refresh_tokens').set({ grant_id: next.id }).where('grant_id', '=', id).execute()
      await db.updateTable('grants').set({ revoked_at: now }).where('id', '=', id).execute()
    },
  }
}

function buildRow(grant: Omit<TokenGrant, 'revokedAt'>): GrantsTable {
  return {
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
