// Quotas and undo of pairings, the history of devices, one form of device identifiers, disabled accounts, password resets, closed requests.
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await changePairings(db)
  await changeDevices(db)
  await changePeople(db)
  await db.schema.alterTable('access_requests').addColumn('closed_reason', 'text').execute()
  await db.schema.alterTable('access_requests').addColumn('thing_name', 'text').execute()
}

async function changePairings({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable('pairings')
    .addColumn('asked_by', 'text', (column) => column.notNull().defaultTo('public'))
    .execute()
  await schema.alterTable('pairings').addColumn('opened_at', 'bigint').execute()
  await schema.alterTable('pairings').addColumn('opened_by', 'text').execute()
  await schema.alterTable('pairings').addColumn('epoch_given', 'integer').execute()
  await schema.createIndex('pairings_waiting').on('pairings').columns(['asked_by', 'status', 'created_at']).execute()
  await schema.createIndex('pairings_device').on('pairings').columns(['device_id']).execute()
}

/** The new tables refer to no others: what they tell must outlive the rows that it is about. */
async function changeDevices(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema.alterTable('devices').addColumn('canonical_id', 'text').execute()
  await schema.alterTable('devices').addColumn('revoked_by', 'text').execute()
  await sql`update devices set canonical_id = id`.execute(db)
  // A spelling with colons, hyphens or dots of 12 or 16 hexadecimal digits; identifiers stay as they are, since rules and routes name them.
  const { rows } = await sql<{ id: string }>`select id from devices where length(id) in (14, 17, 19, 23)`.execute(db)
  for (const { id } of rows) {
    const canonical = readMac(id)
    if (canonical !== undefined) await sql`update devices set canonical_id = ${canonical} where id = ${id}`.execute(db)
  }
  await schema.createIndex('devices_canonical').on('devices').columns(['canonical_id']).execute()
  await schema
    .createTable('device_history')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('by', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text')
    .addColumn('reason', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('device_history_device').on('device_history').columns(['device_id']).execute()
  await schema.createIndex('device_history_person').on('device_history').columns(['person_id']).execute()
}

/** Frozen with this migration; the rule that new devices follow may change later. */
function readMac(id: string): string | undefined {
  const isPairs = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2})?$/i.test(id)
  if (!isPairs && !/^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3}$/i.test(id)) return undefined
  return id
    .toLowerCase()
    .replaceAll(/[^0-9a-f]/g, '')
    .match(/../g)
    ?.join(':')
}

async function changePeople({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('people').addColumn('disabled_at', 'bigint').execute()
  await schema
    .createTable('password_resets')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('password_resets_person').on('password_resets').columns(['person_id']).execute()
}
