// Grants and their refresh tokens: what a redeemed pairing gave. A refresh token is used up by one conditional UPDATE and kept as a hash only.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { GrantsTable, Schema } from './schema.ts'

/** All tokens that came of one pairing share its grant: they end together. */
export interface StoredGrant {
  readonly id: string
  readonly clientId: string
  readonly personId: string
  readonly deviceId: string | null
  /** The device's ownership epoch when it was paired; null for an app. */
  readonly epoch: number | null
  readonly jkt: string
  readonly scope: readonly string[]
  readonly createdAt: EpochSeconds
  readonly revokedAt: EpochSeconds | null
}

export interface RefreshToken {
  readonly tokenHash: string
  readonly grantId: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

export interface GrantsRepository {
  add(grant: StoredGrant): Promise<void>
  find(id: string): Promise<StoredGrant | undefined>
  /** True if it lived until now. */
  revoke(id: string, now: EpochSeconds): Promise<boolean>
  addRefreshToken(token: RefreshToken): Promise<void>
  findRefreshToken(tokenHash: string): Promise<(RefreshToken & { readonly usedAt: EpochSeconds | null }) | undefined>
  /** True for exactly one caller. */
  useRefreshToken(tokenHash: string, now: EpochSeconds): Promise<boolean>
  prune(before: EpochSeconds): Promise<void>
}

export function createGrantsRepository(db: Kysely<Schema>): GrantsRepository {
  return {
    async add(grant) {
      await db.insertInto('grants').values(buildRow(grant)).execute()
    },
    async find(id) {
      const row = await db.selectFrom('grants').selectAll().where('id', '=', id).executeTakeFirst()
      return row && readGrant(row)
    },
    async revoke(id, now) {
      const { numUpdatedRows } = await db
        .updateTable('grants')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async addRefreshToken({ tokenHash, grantId, createdAt, expiresAt }) {
      await db
        .insertInto('refresh_tokens')
        .values({ token_hash: tokenHash, grant_id: grantId, created_at: createdAt, expires_at: expiresAt, used_at: null })
        .execute()
    },
    async findRefreshToken(tokenHash) {
      const row = await db.selectFrom('refresh_tokens').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && { tokenHash, grantId: row.grant_id, createdAt: row.created_at, expiresAt: row.expires_at, usedAt: row.used_at }
    },
    async useRefreshToken(tokenHash, now) {
      const { numUpdatedRows } = await db
        .updateTable('refresh_tokens')
        .set({ used_at: now })
        .where('token_hash', '=', tokenHash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async prune(before) {
      await db.deleteFrom('refresh_tokens').where('expires_at', '<', before).execute()
    },
  }
}

function buildRow(grant: StoredGrant): GrantsTable {
  return {
    id: grant.id,
    client_id: grant.clientId,
    person_id: grant.personId,
    device_id: grant.deviceId,
    epoch: grant.epoch,
    jkt: grant.jkt,
    scope: grant.scope.join(' '),
    created_at: grant.createdAt,
    revoked_at: grant.revokedAt,
  }
}

function readGrant(row: GrantsTable): StoredGrant {
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
