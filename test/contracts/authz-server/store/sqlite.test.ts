import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore, type Store } from '../../../../authz-server/store/store.ts'
import { describePairingStore } from './pairing.contract.ts'
import { describeSharingStore } from './sharing.contract.ts'
import { describeStore } from './store.contract.ts'

async function withSqlite(work: (store: Store) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-store-'))
  const store = await openSqliteStore(join(directory, 'latchkey.db'))
  try {
    await work(store)
  } finally {
    await store.close()
    rmSync(directory, { recursive: true })
  }
}

describeStore('SQLite', withSqlite)
describePairingStore('SQLite', withSqlite)
describeSharingStore('SQLite', withSqlite)
