// Attack row S03, beyond its listed cases: the other file with secrets, the database with its password hashes and sessions.
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from '../../../authz-server/store/store.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-data-'))
  // As an operator makes it; the server never changes a folder that was there.
  chmodSync(directory, 0o755)
})
afterEach(() => rmSync(directory, { recursive: true }))

const modes = () => Object.fromEntries(readdirSync(directory).map((name) => [name, (statSync(join(directory, name)).mode & 0o777).toString(8)]))
const file = () => join(directory, 'authz-server.db')
const PRIVATE = { 'authz-server.db': '600', 'authz-server.db.marker': '600', 'authz-server.db-shm': '600', 'authz-server.db-wal': '600' }

test('S03: a new database is its owner’s alone, with the files beside it', async () => {
  const before = process.umask(0o022)
  const store = await openSqliteStore(file())
  expect(modes()).toEqual(PRIVATE)
  await store.close()
  process.umask(before)
})

test('S03: one that others could read, left by an earlier version or a careless copy, is closed to them', async () => {
  const before = await openSqliteStore(file())
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o644)
  const store = await openSqliteStore(file())
  expect(modes()).toEqual(PRIVATE)
  await store.close()
  await before.close()
})
