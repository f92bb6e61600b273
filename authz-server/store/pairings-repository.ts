// Pairings in the database. Each change of state is one conditional UPDATE; codes are found by their hashes only.
import type { Kysely } from 'kysely'
import type { PublicJwk } from '../../protocol/jwk.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { type Pairing, POLL_INTERVAL_MAX_SECONDS, SLOW_DOWN_SECONDS } from '../pairing/pairing.ts'
import type { PairingsTable, Schema } from './schema.ts'

export interface NewPairing extends Pairing {
  readonly deviceCodeHash: string
  readonly userCodeHash: string
}

export interface PairingsRepository {
  /** False if either code is taken; nothing is written then. */
  add(pairing: NewPairing): Promise<boolean>
  findByDeviceCode(hash: string): Promise<Pairing | undefined>
  findByUserCode(hash: string): Promise<Pairing | undefined>
  find(id: string): Promise<Pairing | undefined>
  /** A poll that was not too early. */
  notePoll(id: string, now: EpochSeconds): Promise<void>
  /** A poll that was too early: the interval grows, the last accepted poll stays. */
  slowDown(id: string): Promise<void>
  /** True if it was pending and alive until now. */
  decide(decision: { readonly id: string; readonly status: 'approved' | 'denied'; readonly personId: string }, now: EpochSeconds): Promise<boolean>
  /** True for exactly one caller, once it is approved. */
  redeem(id: string, now: EpochSeconds): Promise<boolean>
  /** An older code of the same device must not outlive a newer one. */
  dropPendingOfDevice(deviceId: string): Promise<void>
  prune(before: EpochSeconds): Promise<void>
}

export function createPairingsRepository(db: Kysely<Schema>): PairingsRepository {
  const findWhere = async (column: 'id' | 'device_code_hash' | 'user_code_hash', value: string) => {
    const row = await db.selectFrom('pairings').selectAll().where(column, '=', value).executeTakeFirst()
    return row && readPairing(row)
  }
  return {
    async add(pairing) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('pairings')
        .values(buildRow(pairing))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    findByDeviceCode: (hash) => findWhere('device_code_hash', hash),
    findByUserCode: (hash) => findWhere('user_code_hash', hash),
    find: (id) => findWhere('id', id),
    async notePoll(id, now) {
      await db.updateTable('pairings').set({ last_poll_at: now }).where('id', '=', id).execute()
    },
    async slowDown(id) {
      await db
        .updateTable('pairings')
        .set((eb) => ({ poll_interval_seconds: eb('poll_interval_seconds', '+', SLOW_DOWN_SECONDS) }))
        .where('id', '=', id)
        .where('poll_interval_seconds', '<', POLL_INTERVAL_MAX_SECONDS)
        .execute()
    },
    async decide({ id, status, personId }, now) {
      const { numUpdatedRows } = await db
        .updateTable('pairings')
        .set({ status, person_id: personId })
        .where('id', '=', id)
        .where('status', '=', 'pending')
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async redeem(id, now) {
      const { numUpdatedRows } = await db
        .updateTable('pairings')
        .set({ status: 'redeemed' })
        .where('id', '=', id)
        .where('status', '=', 'approved')
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async dropPendingOfDevice(deviceId) {
      await db.deleteFrom('pairings').where('device_id', '=', deviceId).where('status', '=', 'pending').execute()
    },
    async prune(before) {
      await db.deleteFrom('pairings').where('expires_at', '<', before).execute()
    },
  }
}

function buildRow(pairing: NewPairing): PairingsTable {
  return {
    id: pairing.id,
    device_code_hash: pairing.deviceCodeHash,
    user_code_hash: pairing.userCodeHash,
    client_id: pairing.clientId,
    device_id: pairing.deviceId,
    jkt: pairing.jkt,
    jwk: JSON.stringify(pairing.jwk),
    scope: pairing.scope.join(' '),
    status: pairing.status,
    person_id: pairing.personId,
    poll_interval_seconds: pairing.pollIntervalSeconds,
    last_poll_at: pairing.lastPollAt,
    address: pairing.address,
    created_at: pairing.createdAt,
    expires_at: pairing.expiresAt,
  }
}

function readPairing(row: PairingsTable): Pairing {
  return {
    id: row.id,
    clientId: row.client_id,
    deviceId: row.device_id,
    jkt: row.jkt,
    jwk: JSON.parse(row.jwk) as PublicJwk,
    scope: row.scope === '' ? [] : row.scope.split(' '),
    status: row.status,
    personId: row.person_id,
    pollIntervalSeconds: row.poll_interval_seconds,
    lastPollAt: row.last_poll_at,
    address: row.address,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
