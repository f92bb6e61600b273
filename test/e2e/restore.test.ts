// The restore drill: real backups, real processes, two sidecars, and databases that part in both directions. What the restored server says is what both sidecars enforce.
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DrillProcess, type DrillWorld, startDrillWorld } from '../support/drill-world.ts'
import { buildLatchkey } from './run-latchkey.ts'

let world: DrillWorld
beforeAll(async () => {
  await buildLatchkey()
  world = await startDrillWorld()
}, 120_000)
afterAll(() => world.close())

const SHARED = `version: 1
shares:
  - name: Bob may read
    who: [bob@example.test]
    what: [everything]
    may: [read]
`
const NOT_SHARED = 'version: 1\nshares: []\n'
const REFUSED = ['refused', 'refused']
const ALLOWED = ['allowed', 'allowed']
/** Of real time on a busy machine; alone, it is under two seconds. */
const IN_FORCE_WITHIN_MILLISECONDS = 15_000

/** As soon as the authz server is back: what Bob gets, once it is what is expected. Fails with what he got instead. */
async function expectBob(expected: readonly string[]): Promise<void> {
  const started = performance.now()
  let got = await world.callAsBob()
  while (JSON.stringify(got) !== JSON.stringify(expected) && performance.now() - started < IN_FORCE_WITHIN_MILLISECONDS) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    got = await world.callAsBob()
  }
  expect(got).toEqual(expected)
  process.stdout.write(`in force at both sidecars after ${Math.round(performance.now() - started)} ms\n`)
}

/** The lines since then that say why a snapshot was taken. */
function reasons(sidecar: DrillProcess, since: string): readonly string[] {
  return sidecar
    .output()
    .slice(since.length)
    .split('\n')
    .filter((line) => line.includes('took a snapshot'))
}

async function expectReasons(before: readonly string[]): Promise<void> {
  for (const [index, sidecar] of world.sidecars.entries()) {
    const found = reasons(sidecar, before[index] ?? '')
    expect(found).toEqual([expect.stringMatching(/took a snapshot at revision \d+, after revision \d+: the authz server's (?:database|log)/)])
  }
}

const outputs = () => world.sidecars.map((sidecar) => sidecar.output())

test('TR20: after a restore, a share that was saved since the backup is refused at both sidecars, one of them started again in between', {
  timeout: 120_000,
}, async () => {
  await world.saveRules(NOT_SHARED)
  const file = join(world.directory, 'backup-1.latchkey')
  const backup = await world.latchkey('backup', '--config', world.configFile, '--out', file, '--json')
  expect([backup.exitCode, backup.stderr]).toEqual([0, ''])
  // One change: the restored server's own first change has the same number.
  await world.saveRules(SHARED)
  await expectBob(ALLOWED)
  const running = await world.latchkey('restore', file, '--config', world.configFile, '--replace', '--json')
  expect([running.exitCode, running.stderr]).toEqual([2, expect.stringMatching(/is in use by process \d+ \(latchkey authz-server\)/)])
  await world.authzServer.stop()
  const refused = await world.latchkey('restore', file, '--config', world.configFile, '--json')
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('--replace')])
  const before = outputs()
  const [restored] = await Promise.all([world.latchkey('restore', file, '--config', world.configFile, '--replace', '--json'), world.sidecars[1].stop()])
  expect([restored.exitCode, JSON.parse(restored.stdout)]).toMatchObject([
    0,
    { revision: (JSON.parse(backup.stdout) as { revision: number }).revision, warnings: [] },
  ])
  // From disk, while the authz server is away.
  await world.sidecars[1].start()
  await world.authzServer.start()
  await expectBob(REFUSED)
  await expectReasons(before)
  expect(world.authzServer.output()).toContain('database_incarnation_renewed')
})

test('TR20: after an older copy of the whole data directory was put back by hand, what changed since is refused, however far the sidecars were ahead', {
  timeout: 120_000,
}, async () => {
  await world.authzServer.stop()
  const copy = join(world.directory, 'copy')
  cpSync(world.dataDirectory, copy, { recursive: true })
  await world.authzServer.start()
  for (let round = 0; round < 4; round += 1) await world.saveRules(`${SHARED}# ${round}\n`)
  await expectBob(ALLOWED)
  await Promise.all([world.authzServer.stop(), world.sidecars[0].stop()])
  rmSync(world.dataDirectory, { recursive: true })
  cpSync(copy, world.dataDirectory, { recursive: true })
  const before = outputs()
  await world.authzServer.start()
  await world.sidecars[0].start()
  await expectBob(REFUSED)
  await expectReasons(before)
})

test('TR20: a backup that is restored to another machine is what both sidecars enforce there, and what it allows is allowed again', {
  timeout: 120_000,
}, async () => {
  await world.saveRules(SHARED)
  const file = join(world.directory, 'backup-2.latchkey')
  expect((await world.latchkey('backup', '--config', world.configFile, '--out', file)).exitCode).toBe(0)
  await world.saveRules(NOT_SHARED)
  await expectBob(REFUSED)
  await world.authzServer.stop()
  world.moveTo('second')
  const restored = await world.latchkey('restore', file, '--config', world.configFile)
  expect([restored.exitCode, restored.stderr]).toEqual([0, ''])
  const before = outputs()
  await world.authzServer.start()
  await expectBob(ALLOWED)
  await expectReasons(before)
  await world.saveRules(NOT_SHARED)
  await expectBob(REFUSED)
})
