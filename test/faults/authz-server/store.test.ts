// FA23 and FA07: a database that another process holds, and a disk that is full. Reads go on, writes wait or refuse, nothing answered is lost.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, describe, expect, test } from 'vitest'
import { CommandError } from '../../../cli/command-error.ts'
import { createServerProcess, type ServerProcess } from './server-process.ts'

let server: ServerProcess | undefined
afterEach(async () => {
  await server?.dispose()
  server = undefined
})

const importOf = (running: ServerProcess, id: string, key: string) =>
  running.operator.call({
    method: 'POST',
    path: '/registry/devices/import',
    body: { type: 'text/csv', text: `id,kind,model,jkt\n${id},guitar,Model,${key}\n` },
  })
const list = async (running: ServerProcess) =>
  ((await running.operator.call({ method: 'GET', path: '/registry/devices' })) as { devices: { id: string }[] }).devices.map((device) => device.id)
/** 43 characters that differ. */
const keyOf = (number: number) => Buffer.alloc(32, number + 1).toString('base64url')

test('FA23: while another process holds the database, reads work, a write waits 5 s and is then 503; afterwards it works once', {
  timeout: 60_000,
}, async () => {
  server = await createServerProcess()
  await server.start()
  await importOf(server, 'before', keyOf(0))
  const other = new Database(server.databaseFile)
  try {
    other.exec('begin exclusive')
    const started = performance.now()
    const writing = importOf(server, 'during', keyOf(1)).then(
      () => 'written',
      (fault: unknown) => (fault instanceof CommandError ? fault.fault.code : String(fault)),
    )
    expect(await list(server)).toEqual(['before'])
    expect(performance.now() - started).toBeLessThan(2000)
    expect(await writing).toBe('temporarily_unavailable')
    expect(performance.now() - started).toBeGreaterThan(4000)
    other.exec('rollback')
  } finally {
    other.close()
  }
  expect(await list(server)).toEqual(['before'])
  await importOf(server, 'during', keyOf(1))
  expect(await list(server)).toEqual(['before', 'during'])
})

test('FA23: a lock that ends in time is waited for', { timeout: 60_000 }, async () => {
  server = await createServerProcess()
  await server.start()
  const other = new Database(server.databaseFile)
  try {
    other.exec('begin exclusive')
    const writing = importOf(server, 'patient', keyOf(2))
    await new Promise((resolve) => setTimeout(resolve, 1000))
    other.exec('rollback')
    expect(await writing).toMatchObject({ imported: ['patient'] })
  } finally {
    other.close()
  }
})

const mountPoint = mkdtempSync(join(tmpdir(), 'latchkey-small-disk-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mountPoint])
const canMount = mounted.status === 0
if (!canMount) rmSync(mountPoint, { recursive: true })

describe('FA07: a full disk', () => {
  test.skipIf(!canMount)(
    `FA07: writes are refused, reads go on, nothing answered is lost, and it recovers by itself (skipped where no tmpfs may be mounted)`,
    { timeout: 60_000 },
    async () => {
      try {
        const dataDirectory = join(mountPoint, 'data')
        mkdirSync(dataDirectory, { mode: 0o700 })
        server = await createServerProcess({ dataDirectory })
        await server.start()
        await importOf(server, 'first', keyOf(0))
        const { bavail, bsize } = statfsSync(mountPoint)
        writeFileSync(join(mountPoint, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 8192)))
        const acknowledged = ['first']
        let refused = 0
        for (let number = 1; number <= 60; number += 1) {
          const outcome = await importOf(server, `device-${number}`, keyOf(number)).then(
            () => 'written' as const,
            () => 'refused' as const,
          )
          if (outcome === 'written') acknowledged.push(`device-${number}`)
          else refused += 1
        }
        expect(refused).toBeGreaterThan(0)
        expect(await list(server)).toEqual([...acknowledged].sort())
        rmSync(join(mountPoint, 'ballast'))
        await importOf(server, 'z-after', keyOf(100))
        await server.kill()
        await server.start()
        expect(await list(server)).toEqual([...acknowledged, 'z-after'].sort())
      } finally {
        await server?.dispose()
        spawnSync('umount', [mountPoint])
        rmSync(mountPoint, { recursive: true, force: true })
      }
    },
  )
})
