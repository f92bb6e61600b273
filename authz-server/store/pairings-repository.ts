// Pairings under way: a device or app that asks, and what a person answered. Codes are stored as hashes; each step is one conditional update.
import type { Kysely } from 'kysely'
import type { PublicJwk } from '../../protocol/jwk.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { PairingsTable, Schema } from './schema.ts'

export interface Pairing {
  readonly id: string
  readonly deviceCodeHash: string
  readonly userCodeHash: string
  readonly clientId: string
  readonly deviceId: string | null
  /** The key that polls must prove. Both null until an app proves its first one; `jwk` is also null for a device that has not proved its key. */
  readonly jkt: string | null
  readonly jwk: PublicJwk | null
  readonly scope: readonly string[]
  readonly status: 'pending' | 'approved' | 'denied' | 'redeemed'
  /** Who approved or denied. */
  readonly personId: string | null
  readonly pollIntervalSeconds: number
  /** The last poll that was not too early. */
  readonly lastPollAt: EpochSeconds | null
  /** Where it was asked from. */
  readonly address: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** Whose quota of waiting codes it counts against: a registered device, an authenticated client, or, if absent, anyone. */
  readonly askedBy?: 'device' | 'client'
  /** The device's epoch if this pairing gave it a new owner. */
  readonly epochGiven?: number
}

/** Waiting codes that count together. */
export interface WaitingCodes {
  readonly askedBy: 'device' | 'client' | 'public'
  /** Of this device alone. */
  readonly deviceId?: string
}

export interface PairingsRepository {
  /** False if its user code is in use: take another. */
  add(pairing: Pairing): Promise<boolean>
  find(id: string): Promise<Pairing | undefined>
  findByUserCode(userCodeHash: string): Promise<Pairing | undefined>
  findByDeviceCode(deviceCodeHash: string): Promise<Pairing | undefined>
  countPending(now: EpochSeconds, of?: WaitingCodes): Promise<number>
  /** Ends the oldest waiting code that nobody has opened since then. False if there is none. */
  endOldestWaiting(of: WaitingCodes, times: { readonly now: EpochSeconds; readonly openedSince: EpochSeconds }): Promise<boolean>
  /** Remembers that a person looks at it now; of those that this person opened, the newest few stay remembered. */
  noteOpened(id: string, by: { readonly personId: string; readonly now: EpochSeconds; readonly most: number }): Promise<void>
  /** False unless no key was bound before. */
  bindKey(id: string, key: { readonly jkt: string; readonly jwk: PublicJwk }): Promise<boolean>
  notePoll(id: string, poll: { readonly lastPollAt: EpochSeconds | null; readonly pollIntervalSeconds: number }): Promise<void>
  /** False unless it was pending and alive. */
  decide(
    id: string,
    decision: { readonly status: 'approved' | 'denied'; readonly personId: string; readonly now: EpochSeconds; readonly epochGiven?: number | undefined },
  ): Promise<boolean>
  /** Turns this person's yes into a no, redeemed or not. */
  takeBack(id: string, personId: string): Promise<boolean>
  /** False unless it was approved, alive, and not redeemed before. */
  redeem(id: string, now: EpochSeconds): Promise<boolean>
  /** Turns every yes to this device that has no tokens yet into a no. */
  denyOthersOfDevice(deviceId: string): Promise<void>
  /** Forgets all codes of a device, answered or not. */
  removeOfDevice(deviceId: string): Promise<void>
  /** Forgets what waits for a client that is gone. */
  removeOfClients(known: (clientId: string) => boolean): Promise<number>
  prune(expiredBefore: EpochSeconds): Promise<void>
}

/** Both columns refuse NULL since the first migration. */
const NO_KEY = ''

export function createPairingsRepository(db: Kysely<Schema>): PairingsRepository {
  const findBy = async (column: 'id' | 'user_code_hash' | 'device_code_hash', value: string) => {
    const row = await db.selectFrom('pairings').selectAll().where(column, '=', value).executeTakeFirst()
    return row && readPairing(row)
  }
  return {
    async add(pairing) {
      const result = await db
        .insertInto('pairings')
        .values(buildRow(pairing))
        .onConflict((conflict) => conflict.column('user_code_hash').doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    find: (id) => findBy('id', id),
    findByUserCode: (hash) => findBy('user_code_hash', hash),
    findByDeviceCode: (hash) => findBy('device_code_hash', hash),
    async countPending(now, of) {
      let pending = db.selectFrom('pairings').where('status', '=', 'pending').where('expires_at', '>', now)
      if (of !== undefined) pending = pending.where('asked_by', '=', of.askedBy)
      if (of?.deviceId !== undefined) pending = pending.where('device_id', '=', of.deviceId)
      const { count } = await pending.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
      return Number(count)
    },
    async bindKey(id, { jkt, jwk }) {
      const binding = db
        .updateTable('pairings')
        .set({ jkt, jwk: JSON.stringify(jwk) })
        .where('id', '=', id)
        .where('jkt', '=', NO_KEY)
      return (await binding.executeTakeFirst()).numUpdatedRows === 1n
    },
    async endOldestWaiting({ askedBy, deviceId }, { now, openedSince }) {
      let waiting = db.selectFrom('pairings').select('id').where('asked_by', '=', askedBy).where('status', '=', 'pending').where('expires_at', '>', now)
      if (deviceId !== undefined) waiting = waiting.where('device_id', '=', deviceId)
      const unopened = waiting.where((eb) => eb.or([eb('opened_at', 'is', null), eb('opened_at', '<', openedSince)]))
      const oldest = await unopened.orderBy('created_at').orderBy('id').limit(1).executeTakeFirst()
      if (oldest === undefined) return false
      // A device hears that its code has expired and shows a new one. Codes of strangers leave nothing behind: there may be any number of them.
      if (askedBy === 'public') await db.deleteFrom('pairings').where('id', '=', oldest.id).execute()
      else await db.updateTable('pairings').set({ expires_at: now }).where('id', '=', oldest.id).execute()
      return true
    },
    async noteOpened(id, { personId, now, most }) {
      await db.updateTable('pairings').set({ opened_at: now, opened_by: personId }).where('id', '=', id).execute()
      const opened = db.selectFrom('pairings').select('id').where('opened_by', '=', personId).where('opened_at', 'is not', null)
      const surplus = await opened.orderBy('opened_at', 'desc').orderBy('id').offset(most).limit(100).execute()
      for (const row of surplus) if (row.id !== id) await db.updateTable('pairings').set({ opened_at: null }).where('id', '=', row.id).execute()
    },
    async notePoll(id, { lastPollAt, pollIntervalSeconds }) {
      await db.updateTable('pairings').set({ last_poll_at: lastPollAt, poll_interval_seconds: pollIntervalSeconds }).where('id', '=', id).execute()
    },
    async decide(id, { status, personId, now, epochGiven = null }) {
      const result = await db
        .updateTable('pairings')
        .set({ status, person_id: personId, epoch_given: epochGiven })
        .where('id', '=', id)
        .where('status', '=', 'pending')
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async redeem(id, now) {
      const result = await db
        .updateTable('pairings')
        .set({ status: 'redeemed' })
        .where('id', '=', id)
        .where('status', '=', 'approved')
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async takeBack(id, personId) {
      const yes = db.updateTable('pairings').set({ status: 'denied' }).where('id', '=', id).where('person_id', '=', personId)
      return (await yes.where('status', 'in', ['approved', 'redeemed']).executeTakeFirst()).numUpdatedRows === 1n
    },
    async denyOthersOfDevice(deviceId) {
      await db.updateTable('pairings').set({ status: 'denied' }).where('device_id', '=', deviceId).where('status', '=', 'approved').execute()
    },
    async removeOfDevice(deviceId) {
      await db.deleteFrom('pairings').where('device_id', '=', deviceId).execute()
    },
    async removeOfClients(known) {
      const clients = await db.selectFrom('pairings').select('client_id').distinct().where('device_id', 'is', null).execute()
      const gone = clients.map((row) => row.client_id).filter((clientId) => !known(clientId))
      if (gone.length === 0) return 0
      return Number((await db.deleteFrom('pairings').where('client_id', 'in', gone).executeTakeFirst()).numDeletedRows)
    },
    async prune(expiredBefore) {
      await db.deleteFrom('pairings').where('expires_at', '<', expiredBefore).execute()
    },
  }
}

function buildRow(pairing: Pairing): PairingsTable {
  return {
    id: pairing.id,
    device_code_hash: pairing.deviceCodeHash,
    user_code_hash: pairing.userCodeHash,
    client_id: pairing.clientId,
    device_id: pairing.deviceId,
    jkt: pairing.jkt ?? NO_KEY,
    jwk: pairing.jwk === null ? NO_KEY : JSON.stringify(pairing.jwk),
    scope: pairing.scope.join(' '),
    status: pairing.status,
    person_id: pairing.personId,
    poll_interval_seconds: pairing.pollIntervalSeconds,
    last_poll_at: pairing.lastPollAt,
    address: pairing.address,
    created_at: pairing.createdAt,
    expires_at: pairing.expiresAt,
    asked_by: pairing.askedBy ?? 'public',
    opened_at: null,
    opened_by: null,
    epoch_given: pairing.epochGiven ?? null,
  }
}

function readPairing(row: PairingsTable): Pairing {
  return {
    id: row.id,
    deviceCodeHash: row.device_code_hash,
    userCodeHash: row.user_code_hash,
    clientId: row.client_id,
    deviceId: row.device_id,
    jkt: row.jkt === NO_KEY ? null : row.jkt,
    jwk: row.jwk === NO_KEY ? null : (JSON.parse(row.jwk) as PublicJwk),
    scope: row.scope === '' ? [] : row.scope.split(' '),
    status: row.status,
    personId: row.person_id,
    pollIntervalSeconds: row.poll_interval_seconds,
    lastPollAt: row.last_poll_at,
    address: row.address,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.asked_by === 'public' ? {} : { askedBy: row.asked_by }),
    ...(row.epoch_given === null ? {} : { epochGiven: row.epoch_given }),
  }
}
