// Whatever way a database was put back, copied or moved, the next start notices; and a start on the same database as before does not.
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FeedIdentity } from '../../../authz-server/store/feed-identity.ts'
import { openSqliteStore, type Store } from '../../../authz-server/store/store.ts'
import { createServerProcess } from './server-process.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-incarnation-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const DATABASE = 'authz-server.db'
const MARKER = `${DATABASE}.marker`
const data = () => join(root, 'data')
const backup = () => join(root, 'backup')

async function openAt(directory: string, work: (store: Store) => Promise<void> = async () => {}): Promise<FeedIdentity> {
  const store = await openSqliteStore(join(directory, DATABASE))
  try {
    await work(store)
    return store.identity
  } finally {
    await store.close()
  }
}

const append = (times: number) => async (store: Store) => {
  for (let round = 0; round < times; round += 1) await store.transaction(({ feedLog }) => feedLog.append([], 1000 + round))
}

/** A server that ran, a backup of its whole directory, and a server that ran on. */
async function run(after: number): Promise<FeedIdentity> {
  mkdtemp(data())
  await openAt(data(), append(3))
  cpSync(data(), backup(), { recursive: true })
  return openAt(data(), append(after))
}

function mkdtemp(path: string): void {
  cpSync(mkdtempSync(join(root, 'new-')), path, { recursive: true })
}

const files = (directory: string) => readdirSync(directory)
const put = (names: readonly string[]) => {
  for (const name of names) copyFileSync(join(backup(), name), join(data(), name))
}

const RESTORES: readonly { readonly title: string; readonly restore: () => void; readonly directory?: () => string }[] = [
  { title: 'the database copied over the newer one', restore: () => put([DATABASE]) },
  { title: 'the database and the marker copied over the newer ones', restore: () => put([DATABASE, MARKER]) },
  {
    title: 'the directory removed and copied back',
    restore() {
      rmSync(data(), { recursive: true })
      cpSync(backup(), data(), { recursive: true })
    },
  },
  {
    title: 'the directory removed and copied back with its times',
    restore() {
      rmSync(data(), { recursive: true })
      cpSync(backup(), data(), { recursive: true, preserveTimestamps: true })
    },
  },
  {
    title: 'the database replaced by rename',
    restore() {
      copyFileSync(join(backup(), DATABASE), join(data(), 'draft'))
      renameSync(join(data(), 'draft'), join(data(), DATABASE))
    },
  },
  { title: 'a copy of the directory on another machine', restore: () => {}, directory: backup },
  {
    title: 'the marker gone',
    restore: () => rmSync(join(data(), MARKER)),
  },
  { title: 'a marker that cannot be read', restore: () => writeFileSync(join(data(), MARKER), '{"version":1') },
  { title: 'an empty marker', restore: () => writeFileSync(join(data(), MARKER), '') },
  {
    title: 'a copy made with VACUUM INTO',
    restore() {
      const database = new Database(join(backup(), DATABASE))
      database.prepare('vacuum into ?').run(join(root, 'vacuumed'))
      database.close()
      renameSync(join(root, 'vacuumed'), join(data(), DATABASE))
    },
  },
]

for (const after of [1, 5]) {
  test.each(RESTORES)(`TR20: $title, after ${after} more changes: another incarnation, which stays`, async ({ restore, directory = data }) => {
    const before = await run(after)
    restore()
    const restored = await openAt(directory())
    expect(restored.incarnation).not.toBe(before.incarnation)
    expect(restored.renewedBecause).toBeDefined()
    // And it goes on from there like any other.
    expect(await openAt(directory(), append(2))).toEqual({ incarnation: restored.incarnation, renewedBecause: undefined })
    expect((await openAt(directory())).renewedBecause).toBeUndefined()
  })
}

test('TR20: no restore gets an incarnation that was there before', async () => {
  await run(1)
  const seen = new Set<string>()
  for (let round = 0; round < 8; round += 1) {
    put([DATABASE, MARKER])
    seen.add((await openAt(data(), append(1))).incarnation)
  }
  expect(seen.size).toBe(8)
})

test.each([
  { title: 'nothing in between', change: async () => {} },
  { title: 'many changes', change: async () => void (await openAt(data(), append(20))) },
  { title: 'a prune of the log', change: async () => void (await openAt(data(), (store) => store.transaction(({ feedLog }) => feedLog.prune(5000)))) },
  {
    title: 'a kill between a commit and its marker',
    async change() {
      const marker = readFileSync(join(data(), MARKER))
      const store = await openSqliteStore(join(data(), DATABASE))
      // The marker file is kept as it is: the same file, with what it said one change ago.
      const now = readFileSync(join(data(), MARKER))
      expect(JSON.parse(now.toString())).toMatchObject({ revision: (JSON.parse(marker.toString()) as { revision: number }).revision })
      const database = new Database(join(data(), DATABASE))
      database.exec("insert into feed_log (entries, created_at, salt, digest) values ('[]', 1, 's', 'd')")
      database.close()
      await store.close()
    },
  },
])('TR20: a start after $title is a start on the same database', async ({ change }) => {
  const before = await run(1)
  await change()
  expect(await openAt(data())).toEqual({ incarnation: before.incarnation, renewedBecause: undefined })
})

test('TR20: a marker that cannot be written is removed, so that it never vouches for what it does not know', async () => {
  await run(1)
  const store = await openSqliteStore(join(data(), DATABASE))
  // A folder in the way of the draft, as a full disk would be.
  cpSync(backup(), join(data(), `${MARKER}.draft`), { recursive: true })
  await append(1)(store)
  await store.close()
  expect(files(data())).not.toContain(MARKER)
  rmSync(join(data(), `${MARKER}.draft`), { recursive: true })
  expect((await openAt(data())).renewedBecause).toBe('marker_missing')
})

test('TR20: two logs that parted have different digests from there on, even with the same changes at the same time', async () => {
  await run(1)
  const digests = async (directory: string) => {
    let found: readonly string[] = []
    await openAt(directory, async (store) => {
      await append(1)(store)
      found = (await store.read.feedLog.listAfter(0, 100)).map((change) => change.digest)
    })
    return found
  }
  const [one, other] = [await digests(data()), await digests(backup())]
  expect(one.slice(0, 3)).toEqual(other.slice(0, 3))
  expect(one[3]).not.toBe(other[3])
})

test('TR20: after a clean stop the database file alone is the whole database', async () => {
  await run(4)
  rmSync(join(data(), `${DATABASE}-wal`), { force: true })
  rmSync(join(data(), `${DATABASE}-shm`), { force: true })
  let revision = 0
  const identity = await openAt(data(), async (store) => {
    revision = await store.read.feedLog.newestRevision()
  })
  expect([revision, identity.renewedBecause]).toEqual([7, undefined])
})

test('TR20: a server that was killed among changes comes back as the same database', { timeout: 60_000 }, async () => {
  const server = await createServerProcess()
  try {
    await server.start()
    for (let round = 0; round < 2; round += 1) {
      const adding = Array.from({ length: 6 }, (_, index) => {
        const body = { email: `p${round}-${index}@example.test`, display_name: 'P', password: 'demo-only-password', email_verified: true }
        return server.operator.call({ method: 'POST', path: '/registry/people', body: { type: 'application/json', text: JSON.stringify(body) } })
      })
      await Promise.race(adding)
      await server.kill()
      await Promise.allSettled(adding)
      await server.start()
    }
    const reported = server
      .output()
      .split('\n')
      .filter((line) => /database_(created|incarnation_renewed)/.test(line))
    expect(reported).toEqual([expect.stringContaining('"level":"info"')])
  } finally {
    await server.dispose()
  }
})
