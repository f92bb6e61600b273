// Limits and held answers when disk, memory or the other side fail: a use is on disk before a request goes on, or the request does not go on.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createDataFiles } from '../../../sidecar/files/data-files.ts'
import { TRANSFORM_MAX_BYTES, TRANSFORMS_HELD_MAX_BYTES } from '../../../sidecar/limits.ts'
import type { DataFiles } from '../../../sidecar/ports.ts'
import { createBob, createOwnerRules } from '../../support/owner-rules.ts'
import { openRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
const rules = createOwnerRules()
const directories: string[] = []
afterEach(async () => {
  await rig.close()
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})
afterAll(() => rules.close())

const TUNING = `/guitars/${DEVICE}/tuning`

/** Starts a sidecar on real files, but on a disk that can be full, or slow, for the counts of uses. */
async function startOnFaultyDisk() {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-uses-'))
  directories.push(directory)
  const real = createDataFiles(directory)
  const disk = { isFull: false, gate: Promise.resolve(), writes: 0 }
  const files: DataFiles = {
    ...real,
    async write(name, content) {
      if (name.startsWith('uses/')) {
        disk.writes += 1
        await disk.gate
        if (disk.isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      }
      await real.write(name, content)
    },
  }
  rig = await startRig({ ports: { files } })
  return disk
}

test('FA07: on a full disk, uses in all are refused and nothing is forwarded; all else goes on; with space it goes on by itself', async () => {
  const disk = await startOnFaultyDisk()
  await rules.share(rig, '    limit: 2 uses\n')
  const bob = createBob(rig)
  disk.isFull = true
  for (let index = 0; index < 4; index += 1) expect(refusalOf(await rig.call(bob))).toMatchObject({ status: 503, reason: 'limits_unavailable' })
  expect(rig.upstream.received()).toBe('')
  expect(statusOf(await rig.call(rig.device))).toBe(200)
  disk.isFull = false
  for (let index = 0; index < 2; index += 1) expect(statusOf(await rig.call(bob))).toBe(200)
  expect(refusalOf(await rig.call(bob))).toMatchObject({ reason: 'limit_used_up' })
  await rules.share(rig, '    limit: 1 per hour\n')
  disk.isFull = true
  expect(statusOf(await rig.call(bob))).toBe(200)
})

test('FA09: what went on before a sudden end was written', async () => {
  rig = await startRig()
  await rules.share(rig, '    limit: 3 uses\n')
  const bob = createBob(rig)
  for (let index = 0; index < 2; index += 1) expect(statusOf(await rig.call(bob))).toBe(200)
  // What a second process would find now, with the first one gone without a word.
  const [file = ''] = readdirSync(join(rig.dataDirectory, 'uses'))
  const stored = await createDataFiles(rig.dataDirectory).read(`uses/${file}`)
  expect(JSON.parse(Buffer.from(stored ?? []).toString())).toMatchObject({ owner: OWNER, uses: { '["Bob may read","person-bob",null]': 2 } })
})

test('a file of uses that cannot be read keeps the sidecar from starting, and is named', async () => {
  rig = await startRig()
  await rules.share(rig, '    limit: 1 use\n')
  await rig.call(createBob(rig))
  const [file = ''] = readdirSync(join(rig.dataDirectory, 'uses'))
  writeFileSync(join(rig.dataDirectory, 'uses', file), '{"version":1')
  await expect(rig.restart()).rejects.toThrow(`uses/${file} in the data directory cannot be read`)
})

test('U15: a share that is withdrawn while a use is being written lets nothing through', async () => {
  const disk = await startOnFaultyDisk()
  await rules.share(rig, '    limit: 5 uses\n')
  await rig.nonce()
  let open = (): void => undefined
  disk.gate = new Promise((resolve) => {
    open = resolve
  })
  const client = await openRaw(rig.origin)
  client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${createBob(rig).headers('GET', TUNING)}\r\n`)
  await until(() => disk.writes === 1)
  await rules.enforce(rig, 'shares: []\n')
  open()
  expect(refusalOf(await client.waitFor(/\r\n\r\n\{.*\}\n/))).toMatchObject({ status: 403 })
  expect(rig.upstream.received()).toBe('')
  client.close()
})

test('a caller who leaves while a use is being written is not forwarded', async () => {
  const disk = await startOnFaultyDisk()
  await rules.share(rig, '    limit: 5 uses\n')
  await rig.nonce()
  let open = (): void => undefined
  disk.gate = new Promise((resolve) => {
    open = resolve
  })
  const client = await openRaw(rig.origin)
  client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${createBob(rig).headers('GET', TUNING)}\r\n`)
  await until(() => disk.writes === 1)
  client.close()
  await until(() => rig.audit.some((line) => line.includes('client_gone')))
  open()
  disk.gate = Promise.resolve()
  expect(statusOf(await rig.call(createBob(rig)))).toBe(200)
  expect(rig.upstream.requests()).toBe(1)
})

test('answers that are held whole have a limit together; when some are done there is room again', async () => {
  rig = await startRig()
  await rules.share(rig, '    hide: [$.secret]\n')
  const body = `{"a":"${'x'.repeat(TRANSFORM_MAX_BYTES - 8)}"}`
  const ends: (() => void)[] = []
  rig.upstream.answerWith((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`)
    ends.push(() => void socket.write('}'))
  })
  await rig.nonce()
  const bob = createBob(rig)
  const count = TRANSFORMS_HELD_MAX_BYTES / TRANSFORM_MAX_BYTES
  const clients = await Promise.all(Array.from({ length: count + 6 }, () => openRaw(rig.origin)))
  for (const client of clients) client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${bob.headers('GET', TUNING)}\r\n`)
  await until(() => clients.filter((client) => statusOf(client.received()) === 503).length === 6, 10_000)
  expect(clients.map((client) => statusOf(client.received())).filter((status) => status === 0)).toHaveLength(count)
  for (const end of ends) end()
  await until(() => clients.filter((client) => statusOf(client.received()) === 200).length === count, 10_000)
  rig.upstream.clear()
  expect(statusOf(await rig.call(bob))).toBe(200)
  for (const client of clients) client.close()
}, 40_000)
