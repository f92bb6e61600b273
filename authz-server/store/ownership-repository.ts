// Who owns a device, and what it brings its owner: taken together at pairing. Ending ownership is the registry's.
import type { Kysely } from 'kysely'
import type { Resource } from './resources-repository.ts'
import type { Schema } from './schema.ts'

export interface OwnedDevice {
  readonly id: string
  readonly epoch: number
}

export interface OwnershipRepository {
  /** Makes the person the owner of an active device that has none, or confirms that they are. Undefined: somebody else's, or not active. */
  take(claim: { readonly deviceId: string; readonly personId: string }, now: number): Promise<OwnedDevice | undefined>
  /** Registers a resource unless this one of the same owner is there already. False: its key belongs to another owner. */
  addResource(resource: Resource): Promise<boolean>
}

export function createOwnershipRepository(db: Kysely<Schema>): OwnershipRepository {
  return {
    async take({ deviceId, personId }, now) {
      return db
        .updateTable('devices')
        .set({ owner: personId, paired_at: now })
        .where('id', '=', deviceId)
        .where('status', '=', 'active')
        .where((eb) => eb.or([eb('owner', 'is', null), eb('owner', '=', personId)]))
        .returning(['id', 'epoch'])
        .executeTakeFirst()
    },
    async addResource(resource) {
      await db
        .insertInto('resources')
        .values({
          id: resource.id,
          resource_server: resource.resourceServer,
          key: resource.key,
          name: resource.name,
          type: resource.type,
          tags: JSON.stringify(resource.tags),
          scopes: JSON.stringify(resource.scopes),
          owner: resource.owner,
          device_id: resource.deviceId,
          created_at: resource.createdAt,
        })
        .onConflict((conflict) => conflict.columns(['resource_server', 'key']).doNothing())
        .execute()
      const row = await db
        .selectFrom('resources')
        .select(['owner', 'device_id'])
        .where('resource_server', '=', resource.resourceServer)
        .where('key', '=', resource.key)
        .executeTakeFirst()
      return row?.owner === resource.owner && row.device_id === resource.deviceId
    },
  }
}
