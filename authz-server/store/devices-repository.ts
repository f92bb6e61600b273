// The registry of devices. An identifier and its key never change; a device belongs to one person at most, and its epoch grows with each change of that.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import { canonicalDeviceId } from '../registry/device-id.ts'
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
  /** Absent for a device that is not revoked, or was revoked before this was recorded. */
  readonly revokedBy?: 'owner' | 'operator'
}

export type NewDevice = Pick<Device, 'id' | 'kind' | 'model' | 'jkt'>

export interface DevicesRepository {
  /** False if the identifier or the key is in the registry already; nothing is overwritten. */
  add(device: NewDevice, now: EpochSeconds): Promise<boolean>
  /** By its identifier, or by another spelling of it if it is a MAC address. Every other call wants the identifier as it is stored. */
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
  /** Takes the device from its owner and leaves it active. False unless it is this person's in this epoch. */
  freeOwner(id: string, of: { readonly owner: string; readonly epoch: number }): Promise<boolean>
  /** All that somebody owns. */
  listOwned(): Promise<readonly Device[]>
}

export function createDevicesRepository(db: Kysely<Schema>): DevicesRepository {
  const one = (row: DevicesTable | undefined) => row && readDevice(row)
  return {
    async add({ id, kind, model, jkt }, now) {
      const fixed = { status: 'imported', owner: null, epoch: 0, activated_at: null, paired_at: null, revoked_at: null, revoked_by: null } as const
      const result = await db
        .insertInto('devices')
        .values({ id, kind, model, jkt, canonical_id: canonicalDeviceId(id), ...fixed, imported_at: now })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    async find(id) {
      const exact = await db.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirst()
      if (exact !== undefined) return readDevice(exact)
      // Registries from before identifiers had one form may hold two spellings of one: the first that was imported counts.
      const spelled = db.selectFrom('devices').selectAll().where('canonical_id', '=', canonicalDeviceId(id))
      return one(await spelled.orderBy('imported_at').orderBy('id').limit(1).executeTakeFirst())
    },
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
      const change = { status: 'active', activated_at: now, revoked_at: null, revoked_by: null } as const
      const result = await db.updateTable('devices').set(change).where('id', '=', id).where('status', 'in', ['imported', 'revoked']).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async revoke(id, { owner, now }) {
      const change = db
        .updateTable('devices')
        .set((eb) => ({
          status: 'revoked' as const,
          owner: null,
          paired_at: null,
          revoked_at: now,
          revoked_by: owner === undefined ? ('operator' as const) : ('owner' as const),
          epoch: eb('epoch', '+', 1),
        }))
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
    async freeOwner(id, { owner, epoch }) {
      const result = await db
        .updateTable('devices')
        .set((eb) => ({ owner: null, paired_at: null, epoch: eb('epoch', '+', 1) }))
        .where('id', '=', id)
        .where('owner', '=', owner)
        .where('epoch', '=', epoch)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async listOwned() {
      return (await db.selectFrom('devices').selectAll().where('owner', 'is not', null).orderBy('id').execute()).map(readDevice)
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
    ...(row.revoked_by === null ? {} : { revokedBy: row.revoked_by }),
  }
}
