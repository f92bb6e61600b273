// Registered resources: what a device brought when it was paired. A key is unique within one resource server.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { ResourcesTable, Schema } from './schema.ts'

export interface Resource {
  readonly id: string
  readonly resourceServer: string
  /** The name in routes and rules. */
  readonly key: string
  readonly name: string
  readonly type: string
  readonly tags: readonly string[]
  readonly scopes: readonly string[]
  readonly owner: string
  readonly deviceId: string | null
  readonly createdAt: EpochSeconds
}

export interface ResourcesRepository {
  /** False if the resource server has that key already. */
  add(resource: Resource): Promise<boolean>
  listOfDevice(deviceId: string): Promise<readonly Resource[]>
  /** Gives the ids of those removed. */
  removeOfDevice(deviceId: string): Promise<readonly string[]>
  /** Ordered by id. */
  listAll(): Promise<readonly Resource[]>
  remove(id: string): Promise<void>
  /** What the device's type says of it; its id, owner and key stay. */
  update(resource: Pick<Resource, 'id' | 'name' | 'type' | 'tags' | 'scopes'>): Promise<void>
  find(id: string): Promise<Resource | undefined>
  /** True if the owner has something at that resource server. */
  hasOwnerAt(owner: string, resourceServer: string): Promise<boolean>
  listOfOwner(owner: string): Promise<readonly Resource[]>
  /** Of these resource servers, ordered by id. */
  listOfServers(resourceServers: readonly string[]): Promise<readonly Resource[]>
}

export function createResourcesRepository(db: Kysely<Schema>): ResourcesRepository {
  return {
    async add(resource) {
      const row: ResourcesTable = {
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
      }
      const result = await db
        .insertInto('resources')
        .values(row)
        .onConflict((conflict) => conflict.columns(['resource_server', 'key']).doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    async listOfDevice(deviceId) {
      const rows = await db.selectFrom('resources').selectAll().where('device_id', '=', deviceId).orderBy('key').execute()
      return rows.map(readResource)
    },
    async removeOfDevice(deviceId) {
      const rows = await db.deleteFrom('resources').where('device_id', '=', deviceId).returning('id').execute()
      return rows.map((row) => row.id)
    },
    async listAll() {
      return (await db.selectFrom('resources').selectAll().orderBy('id').execute()).map(readResource)
    },
    async remove(id) {
      await db.deleteFrom('resources').where('id', '=', id).execute()
    },
    async update({ id, name, type, tags, scopes }) {
      const change = { name, type, tags: JSON.stringify(tags), scopes: JSON.stringify(scopes) }
      await db.updateTable('resources').set(change).where('id', '=', id).execute()
    },
    async find(id) {
      const row = await db.selectFrom('resources').selectAll().where('id', '=', id).executeTakeFirst()
      return row && readResource(row)
    },
    async hasOwnerAt(owner, resourceServer) {
      const found = db.selectFrom('resources').select('id').where('owner', '=', owner).where('resource_server', '=', resourceServer)
      return (await found.limit(1).executeTakeFirst()) !== undefined
    },
    async listOfOwner(owner) {
      const rows = await db.selectFrom('resources').selectAll().where('owner', '=', owner).orderBy('key').execute()
      return rows.map(readResource)
    },
    async listOfServers(resourceServers) {
      if (resourceServers.length === 0) return []
      const rows = await db
        .selectFrom('resources')
        .selectAll()
        .where('resource_server', 'in', [...resourceServers])
        .orderBy('id')
        .execute()
      return rows.map(readResource)
    },
  }
}

function readResource(row: ResourcesTable): Resource {
  return {
    id: row.id,
    resourceServer: row.resource_server,
    key: row.key,
    name: row.name,
    type: row.type,
    tags: JSON.parse(row.tags) as string[],
    scopes: JSON.parse(row.scopes) as string[],
    owner: row.owner,
    deviceId: row.device_id,
    createdAt: row.created_at,
  }
}
