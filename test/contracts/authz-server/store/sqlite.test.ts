import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../../../authz-server/store/store.ts'
import { describeStore } from './store.contract.ts'

describeStore('SQLite', async (work) => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-store-'))
  const store = await openSqliteStore(join(directory, 'latchkey.db'))
  try {
    await work(store)
  } finally {
    await store.close()
    rmSync(directory, { recursive: true })
  }
})
