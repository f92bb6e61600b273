// The registry of devices. An identifier and its key never change; a device belongs to one person at most, and its epoch grows with each change of that.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { DevicesTable, Schema } from './schema.ts'

export interface Device {
  readonly id: string
  readonly kind: string
  readonly model: string
  /** Thumbprint of the only key that may speak as this device. */
  readonly jkt: string
  readonly status: 'imported' | 'active' | 'revoked'
  readonly owner: string | null
  readonly epoch: number
  readonly importedAt: EpochSeconds
  readonly activatedAt: EpochSeconds | null
  readonly pairedAt: EpochSeconds | null
  readonly revokedAt: EpochSeconds | null
}

export type NewDevice = Pick<Device, 'id' | 'kind' | 'model' | 'jkt'>

export interface DevicesRepository {
  /** False if the identifier or the key is in the registry already; nothing is overwritten. */
  add(device: NewDevice, now: EpochSeconds): Promise<boolean>
  find(id: string): Promise<Device | undefined>
  findByKey(jkt: string): Promise<Device | undefined>
  /** Ordered by id, after the given one. */
  list(page: { readonly after: string; readonly most: number }): Promise<readonly Device[]>
  listOfOwner(owner: string): Promise<readonly Device[]>
  /** All that were ever active: what a sidecar has to know. */
  listKnownToFeed(): Promise<readonly Device[]>
  /** False unless it was imported or revoked. */
  activate(id: string, now: EpochSeconds): Promise<boolean>
  /** Ends ownership with it. False if it was revoked before; `owner` given: also if it is not this person's. */
  revoke(id: string, options: { readonly owner?: string; readonly now: EpochSeconds }): Promise<boolean>
  /** False unless it is active and nobody else's. */
  assignOwner(id: string, owner: string, now: EpochSeconds): Promise<boolean>
}

export function createDevicesRepository(db: Kysely<Schema>): DevicesRepository {
  const one = (row: DevicesTable | undefined) => row && readDevice(row)
  return {
    async add({ id, kind, model, jkt }, now) {
      const fixed = { status: 'imported', owner: null, epoch: 0, activated_at: null, paired_at: null, revoked_at: null } as const
      const result = await db
        .insertInto('devices')
        .values({ id, kind, model, jkt, ...fixed, imported_at: now })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    find: async (id) => one(await db.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirst()),
    findByKey: async (jkt) => one(await db.selectFrom('devices').selectAll().where('jkt', '=', jkt).executeTakeFirst()),
    async list({ after, most }) {
      return (await db.selectFrom('devices').selectAll().where('id', '>', after).orderBy('id').limit(most).execute()).map(readDevice)
    },
    async listOfOwner(owner) {
      return (await db.selectFrom('devices').selectAll().where('owner', '=', owner).orderBy('id').execute()).map(readDevice)
    },
    async listKnownToFeed() {
      return (await db.selectFrom('devices').selectAll().where('status', '!=', 'imported').orderBy('id').execute()).map(readDevice)
    },
    async activate(id, now) {
      const change = { status: 'active', activated_at: now, revoked_at: null } as const
      const result = await db.updateTable('devices').set(change).where('id', '=', id).where('status', 'in', ['imported', 'revoked']).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async revoke(id, { owner, now }) {
      const change = db
        .updateTable('devices')
        .set((eb) => ({ status: 'revoked' as const, owner: null, paired_at: null, revoked_at: now, epoch: eb('epoch', '+', 1) }))
        .where('id', '=', id)
        .where('status', '!=', 'revoked')
      const result = await (owner === undefined ? change : change.where('owner', '=', owner)).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async assignOwner(id, owner, now) {
      const result = await db
        .updateTable('devices')
        .set((eb) => ({
          owner,
          paired_at: now,
          epoch: eb
            .case()
            .when('owner', 'is', null)
            .then(eb('epoch', '+', 1))
            .else(eb.ref('epoch'))
            .end(),
        }))
        .where('id', '=', id)
        .where('status', '=', 'active')
        .where((eb) => eb.or([eb('owner', 'is', null), eb('owner', '=', owner)]))
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
  }
}

function readDevice(row: DevicesTable): Device {
  return {
    id: row.id,
    kind: row.kind,
    model: row.model,
    jkt: row.jkt,
    status: row.status,
    owner: row.owner,
    epoch: row.epoch,
    importedAt: row.imported_at,
    activatedAt: row.activated_at,
    pairedAt: row.paired_at,
    revokedAt: row.revoked_at,
  }
}
