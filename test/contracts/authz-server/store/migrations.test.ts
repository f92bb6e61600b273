// A database of the first release is brought to this one: its rows keep their values, and identifiers get their one form beside the old one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, Migrator, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLibsqlDialect } from '../../../../authz-server/store/libsql-dialect.ts'
import { up } from '../../../../authz-server/store/migrations/0001-start.ts'
import { openSqliteStore, type Store } from '../../../../authz-server/store/store.ts'

let directory: string
let store: Store
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-migrations-'))
  const file = join(directory, 'latchkey.db')
  const db = new Kysely<unknown>({ dialect: createLibsqlDialect({ file, readonly: false }) })
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => ({ '0001-start': { up } }) } }).migrateToLatest()
  if (error !== undefined) throw error
  await sql`insert into people values ('alice', 'alice@example.test', 1, 'Alice', 'hash', 5), ('bob', 'bob@example.test', 0, 'Bob', 'hash', 6)`.execute(db)
  for (const [id, status] of [
    ['AA-BB-CC-00-11-22', 'active'],
    ['aabb.cc00.1122', 'active'],
    ['guitar-1', 'revoked'],
  ])
    await sql`insert into devices values (${id}, 'guitar', 'M', ${`key of ${id}`}, ${status}, null, 3, ${id === 'guitar-1' ? 9 : id?.length}, 2, null, null)`.execute(
      db,
    )
  await sql`insert into pairings values ('p', 'd', 'u', 'app', null, 'k', '{}', 'openid', 'pending', null, 5, null, '192.0.2.1', 10, 20)`.execute(db)
  await sql`insert into access_requests values ('r', 'alice', 'bob', 'bob@example.test', 'app', 'thing', '["read"]', '[]', '[]', 'pending', 10, 20, null)`.execute(
    db,
  )
  await db.destroy()
  store = await openSqliteStore(file)
})
afterAll(async () => {
  await store.close()
  rmSync(directory, { recursive: true })
})

test('TR53: verified addresses stay verified, and others stay unverified', async () => {
  expect([(await store.read.people.find('alice'))?.emailVerified, (await store.read.people.find('bob'))?.emailVerified]).toEqual([true, false])
})

test('TR33: nobody is disabled', async () => {
  expect((await store.read.people.listAccounts({ after: '', most: 9 })).map(({ disabledAt }) => disabledAt)).toEqual([undefined, undefined])
})

test('TR57: devices keep their identifiers and are found by every spelling; of two spellings of one, the first that was imported', async () => {
  const idOf = async (id: string) => (await store.read.devices.find(id))?.id
  expect(await idOf('AA-BB-CC-00-11-22')).toBe('AA-BB-CC-00-11-22')
  expect(await idOf('aabb.cc00.1122')).toBe('aabb.cc00.1122')
  expect(await idOf('aa:bb:cc:00:11:22')).toBe('aabb.cc00.1122')
  expect(await idOf('AA:BB:CC:00:11:22')).toBe('aabb.cc00.1122')
})

test('TR54: a revoked device does not say who revoked it', async () => {
  expect(await store.read.devices.find('guitar-1')).toMatchObject({ status: 'revoked', epoch: 3 })
  expect(await store.read.devices.find('guitar-1')).not.toHaveProperty('revokedBy')
})

test('TR44, TR47: codes and requests that wait go on waiting', async () => {
  expect(await store.read.pairings.countPending(15, { askedBy: 'public' })).toBe(1)
  expect(await store.read.accessRequests.listPending('alice', 15)).toMatchObject([{ id: 'r', scopes: ['read'] }])
})
