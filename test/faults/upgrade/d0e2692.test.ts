// What an installation of commit d0e2692 left on disk is read, migrated, or refused with the remedy.
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../../authz-server/config/load-config.ts'
import { openSqliteStore } from '../../../authz-server/store/store.ts'
import { ALICE } from '../../../examples/dev-world/household.ts'
import { createPerson } from '../../../examples/dev-world/person.ts'
import { parseConfig } from '../../../sidecar/config/parse-config.ts'
import { createDataFiles } from '../../../sidecar/files/data-files.ts'
import { createSealedFiles } from '../../../sidecar/files/sealed-files.ts'
import { deriveSealKey } from '../../../sidecar/files/sealed-text.ts'
import { loadUses, USES_FOLDER } from '../../../sidecar/obligations/uses-file.ts'
import { parsePrivateKey } from '../../../system/private-key.ts'
import { startRig } from '../../support/sidecar-rig.ts'
import { runCli } from '../../unit/cli/run-cli.ts'
import { createServerProcess } from '../authz-server/server-process.ts'

const FIXTURE = join(import.meta.dirname, '..', '..', 'fixtures', 'd0e2692')

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-upgrade-'))
  cpSync(FIXTURE, directory, { recursive: true })
  // A working copy of the repository does not keep the modes that the programs gave these files.
  for (const name of readdirSync(directory, { recursive: true })) {
    const path = join(directory, String(name))
    chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600)
  }
})
afterEach(() => rmSync(directory, { recursive: true }))

function sidecarKey() {
  const key = parsePrivateKey(readFileSync(join(directory, 'sidecar.key.json'), 'utf8'))
  if (!key.ok) throw new Error(key.error)
  return key.value
}

test('TR20: the database is migrated: everything is there, the log has digests, and the incarnation stays from then on', async () => {
  const file = join(directory, 'authz-server', 'authz-server.db')
  const first = await openSqliteStore(file)
  expect(first.identity.renewedBecause).toBe('no_incarnation')
  const { read } = first
  expect((await read.devices.list({ after: '', most: 10 })).map(({ id, status }) => [id, status])).toEqual([
    ['guitar-0007', 'revoked'],
    ['guitar-0042', 'active'],
  ])
  expect((await read.policies.listNewest()).map((policy) => policy.revision)).toEqual([1])
  const head = await read.feedLog.head()
  const changes = await read.feedLog.listAfter(0, 1000)
  expect(changes.at(-1)).toMatchObject(head)
  expect(new Set(changes.map((change) => change.digest)).size).toBe(changes.length)
  expect(changes.every((change) => /^[A-Za-z0-9_-]{43}$/.test(change.digest))).toBe(true)
  await first.close()
  const second = await openSqliteStore(file)
  expect([second.identity, await second.read.feedLog.head()]).toEqual([{ incarnation: first.identity.incarnation, renewedBecause: undefined }, head])
  await second.close()
})

test('TR20: the authz server starts on the data directory, and people sign in and find their rules', { timeout: 60_000 }, async () => {
  const server = await createServerProcess({ dataDirectory: join(directory, 'authz-server') })
  try {
    await server.start()
    expect(server.output()).toContain('no_incarnation')
    const alice = createPerson(server.issuer, ALICE)
    await alice.signIn()
    expect(await alice.readRules()).toContain('Bob may read five times')
  } finally {
    await server.dispose()
  }
})

test('TR23: the state file, which is not sealed, is ignored with a notice, and the sidecar takes a snapshot', async () => {
  const rig = await startRig({ ports: { files: createDataFiles(join(directory, 'sidecar')), key: sidecarKey() } })
  try {
    expect(rig.notices).toEqual(['feed-state.json is ignored: it was written by an earlier version, which did not authenticate it'])
    expect(rig.sidecar.isReady()).toBe(true)
  } finally {
    await rig.close()
  }
})

test('TR23: uses in all are kept and sealed, and a file without a seal is refused from then on', async () => {
  const files = createDataFiles(join(directory, 'sidecar'))
  const sealed = createSealedFiles(files, deriveSealKey(sidecarKey(), 'uses'))
  await sealed.sealOlder(USES_FOLDER)
  const [found] = await loadUses(sealed)
  expect(found?.uses).toEqual([[expect.stringContaining('Bob may read five times'), 2, null]])
  const [name = ''] = await files.list(USES_FOLDER)
  const path = join(directory, 'sidecar', USES_FOLDER, name)
  writeFileSync(path, readFileSync(join(FIXTURE, 'sidecar', USES_FOLDER, name)))
  const again = createSealedFiles(files, deriveSealKey(sidecarKey(), 'uses'))
  await again.sealOlder(USES_FOLDER)
  await expect(loadUses(again)).rejects.toThrow(/cannot be read: it was not written with this sidecar's key\. Restore it, or remove it/)
})

test.each([
  { name: 'authz-server.yaml', read: (text: string) => loadConfig(text) },
  { name: 'sidecar.yaml', read: parseConfig },
  { name: 'sidecar-dev.yaml', read: parseConfig },
])('the configuration $name is still read', ({ name, read }) => {
  const config = read(readFileSync(join(FIXTURE, 'config', name), 'utf8'))
  expect(config.ok ? [] : config.error).toEqual([])
})

test.each(['rules.yaml', 'guardrails.yaml'])('%s, as `latchkey init` wrote it, still passes its own checks', async (name) => {
  expect(await runCli('policy', 'check', join(FIXTURE, 'config', name))).toMatchObject({ exitCode: 0 })
})
