// What happened to devices and who did it, so that a former owner can see it. Entries are added and read, never changed.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { DeviceHistoryTable, Schema } from './schema.ts'

export interface DeviceEvent {
  readonly deviceId: string
  readonly model: string
  readonly event: 'paired' | 'revoked' | 'released'
  readonly by: 'owner' | 'operator'
  /** Whose device it was at that moment. */
  readonly personId: string | null
  /** Given by an operator for a release. */
  readonly reason: string | null
  readonly at: EpochSeconds
}

export interface DeviceHistoryRepository {
  add(event: DeviceEvent): Promise<void>
  /** The newest revocation that ended this person's ownership of the device. */
  findRevocation(deviceId: string, personId: string): Promise<DeviceEvent | undefined>
  /** Devices that this person once had and lost by a revocation: that event and the release after it, newest first. */
  listLostBy(personId: string, most: number): Promise<readonly { readonly revoked: DeviceEvent; readonly released: DeviceEvent | undefined }[]>
}

export function createDeviceHistoryRepository(db: Kysely<Schema>): DeviceHistoryRepository {
  const rowsOf = (deviceId: string) => db.selectFrom('device_history').selectAll().where('device_id', '=', deviceId).orderBy('id', 'desc')
  return {
    async add({ deviceId, model, event, by, personId, reason, at }) {
      await db.insertInto('device_history').values({ device_id: deviceId, model, event, by, person_id: personId, reason, at }).execute()
    },
    async findRevocation(deviceId, personId) {
      const row = await rowsOf(deviceId).where('person_id', '=', personId).where('event', '=', 'revoked').limit(1).executeTakeFirst()
      return row && readEvent(row)
    },
    async listLostBy(personId, most) {
      const revoked = db.selectFrom('device_history').selectAll().where('person_id', '=', personId).where('event', '=', 'revoked')
      const rows = await revoked.orderBy('id', 'desc').limit(most).execute()
      return Promise.all(
        rows.map(async (row) => {
          const release = await rowsOf(row.device_id)
            .clearOrderBy()
            .where('event', '=', 'released')
            .where('id', '>', row.id)
            .orderBy('id')
            .limit(1)
            .executeTakeFirst()
          return { revoked: readEvent(row), released: release && readEvent(release) }
        }),
      )
    },
  }
}

function readEvent(row: Omit<DeviceHistoryTable, 'id'>): DeviceEvent {
  const { device_id: deviceId, model, event, by, person_id: personId, reason, at } = row
  return { deviceId, model, event, by, personId, reason, at }
}
