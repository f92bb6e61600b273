// Limits of a day or more survive a restart of the sidecar; a file that an earlier version wrote is still read.
import { expect, test } from 'vitest'
import { createUseLimits } from '../../../../sidecar/obligations/use-limits.ts'

function memoryFiles() {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    read: async (name: string) => files.get(name),
    list: async (folder: string) => [...files.keys()].filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
    write: async (name: string, content: Uint8Array | string) => void files.set(name, Buffer.from(content as string)),
  }
}

const WEEK = 604_800
const use = (seconds: number | null) => ({ owner: 'alice', party: 'bob', limits: [{ kind: 'limit' as const, rule: 'A', uses: 2, per_seconds: seconds }] })

test.each([86_400, WEEK, null])('TR64: a limit per %s seconds survives a restart', async (seconds) => {
  const files = memoryFiles()
  const before = createUseLimits(files)
  expect([(await before.take(use(seconds), 1000)).ok, (await before.take(use(seconds), 1001)).ok]).toEqual([true, true])
  const after = createUseLimits(files)
  await after.load()
  expect((await after.take(use(seconds), 1002)).ok).toBe(false)
  expect((await after.take(use(seconds), 1000 + (seconds ?? 0))).ok).toBe(seconds !== null)
})

test('TR64: a file without spans is read', async () => {
  const files = memoryFiles()
  const first = createUseLimits(files)
  await first.take(use(null), 0)
  const [name, content] = [...files.files][0] ?? []
  const old = JSON.parse(String(content)) as Readonly<Record<string, unknown>>
  expect(old).not.toHaveProperty('spans')
  files.files.set(name ?? '', Buffer.from(JSON.stringify(old)))
  const after = createUseLimits(files)
  await after.load()
  expect([(await after.take(use(null), 1)).ok, (await after.take(use(null), 2)).ok]).toEqual([true, false])
})

test('TR64: the end of a span is kept as a wall-clock time, since the monotonic clock starts again with the process', async () => {
  const files = memoryFiles()
  const before = createUseLimits(files, () => 1_700_000_000)
  expect([(await before.take(use(WEEK), 500)).ok, (await before.take(use(WEEK), 501)).ok]).toEqual([true, true])
  // Restarted 100 s later; its monotonic clock reads 3.
  const after = createUseLimits(files, () => 1_700_000_598)
  await after.load()
  expect(await after.take(use(WEEK), 3)).toEqual({ ok: false, error: { reason: 'limit_reached', retryAfterSeconds: WEEK - 101 } })
  expect((await after.take(use(WEEK), 3 + WEEK)).ok).toBe(true)
})
