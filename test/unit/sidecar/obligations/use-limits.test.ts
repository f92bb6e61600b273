// How often a share may be used: both edges of each limit, windows that end, uses that survive a restart, and what happens when they cannot be written.
import { describe, expect, test } from 'vitest'
import type { LimitObligation } from '../../../../policies/contract/obligations.ts'
import { LIMIT_COUNTERS_MAX } from '../../../../sidecar/limits.ts'
import { createUseLimits, USES_FILE } from '../../../../sidecar/obligations/use-limits.ts'

function memoryFiles() {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    isFull: false,
    writes: 0,
    async read(name: string) {
      return files.get(name)
    },
    async write(name: string, content: Uint8Array | string) {
      if (this.isFull) throw new Error('no space left')
      this.writes += 1
      files.set(name, Buffer.from(content as string))
    },
  }
}

const perHour = (uses: number, rule = 'A'): LimitObligation => ({ kind: 'limit', rule, uses, per_seconds: 3600 })
const inAll = (uses: number, rule = 'A'): LimitObligation => ({ kind: 'limit', rule, uses, per_seconds: null })
const use = (...limits: readonly LimitObligation[]) => ({ owner: 'alice', party: 'bob', limits })

describe('in a span of time', () => {
  test('the last use is allowed, one more is told when to come back, and the next span begins anew', async () => {
    const limits = createUseLimits(memoryFiles())
    expect(await limits.take(use(perHour(2)), 1000)).toEqual({ ok: true })
    expect(await limits.take(use(perHour(2)), 1001)).toEqual({ ok: true })
    expect(await limits.take(use(perHour(2)), 1001)).toEqual({ ok: false, error: { reason: 'limit_reached', retryAfterSeconds: 3599 } })
    expect(await limits.take(use(perHour(2)), 4599)).toMatchObject({ ok: false, error: { retryAfterSeconds: 1 } })
    expect(await limits.take(use(perHour(2)), 4600)).toEqual({ ok: true })
  })

  test('each party, owner and rule has its own count', async () => {
    const limits = createUseLimits(memoryFiles())
    for (const one of [use(perHour(1)), { ...use(perHour(1)), party: 'carol' }, { ...use(perHour(1)), owner: 'dan' }, use(perHour(1, 'B'))]) {
      expect((await limits.take(one, 0)).ok).toBe(true)
      expect((await limits.take(one, 0)).ok).toBe(false)
    }
  })

  test('of several limits none is used where one refuses', async () => {
    const limits = createUseLimits(memoryFiles())
    await limits.take(use(perHour(1, 'A')), 0)
    expect((await limits.take(use(perHour(1, 'A'), perHour(1, 'B')), 0)).ok).toBe(false)
    expect((await limits.take(use(perHour(1, 'B')), 0)).ok).toBe(true)
  })

  test('the same limit twice counts once', async () => {
    const limits = createUseLimits(memoryFiles())
    expect((await limits.take(use(perHour(2), perHour(2)), 0)).ok).toBe(true)
    expect((await limits.take(use(perHour(2)), 0)).ok).toBe(true)
    expect((await limits.take(use(perHour(2)), 0)).ok).toBe(false)
  })

  test('a thousand at once are one thousand', async () => {
    const limits = createUseLimits(memoryFiles())
    const results = await Promise.all(Array.from({ length: 1500 }, () => limits.take(use(perHour(1000), inAll(1000)), 0)))
    expect(results.filter(({ ok }) => ok)).toHaveLength(1000)
  })

  test('when all counters are live, further parties are refused; when they end, there is room again', async () => {
    const limits = createUseLimits(memoryFiles())
    for (let index = 0; index < LIMIT_COUNTERS_MAX; index += 1) await limits.take({ ...use(perHour(1)), party: `p${index}` }, 0)
    expect(await limits.take({ ...use(perHour(1)), party: 'late' }, 3599)).toEqual({ ok: false, error: { reason: 'limits_unavailable' } })
    expect((await limits.take({ ...use(perHour(1)), party: 'p0' }, 3599)).ok).toBe(false)
    expect(await limits.take({ ...use(perHour(1)), party: 'late' }, 3600)).toEqual({ ok: true })
  })
})

describe('in all', () => {
  test('they are used up for good, also after a restart', async () => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    await limits.load()
    expect((await limits.take(use(inAll(2)), 0)).ok).toBe(true)
    const again = createUseLimits(files)
    await again.load()
    expect((await again.take(use(inAll(2)), 10 ** 9)).ok).toBe(true)
    expect(await again.take(use(inAll(2)), 2 * 10 ** 9)).toEqual({ ok: false, error: { reason: 'limit_used_up' } })
  })

  test('what cannot be written is not allowed, and stays counted', async () => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    files.isFull = true
    expect(await limits.take(use(inAll(2)), 0)).toEqual({ ok: false, error: { reason: 'limits_unavailable' } })
    files.isFull = false
    expect((await limits.take(use(inAll(2)), 0)).ok).toBe(true)
    expect((await limits.take(use(inAll(2)), 0)).ok).toBe(false)
  })

  test('a hundred at once are written in a few goes', async () => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    const results = await Promise.all(Array.from({ length: 100 }, () => limits.take(use(inAll(100)), 0)))
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect(files.writes).toBeLessThan(10)
    expect(files.files.get(USES_FILE)?.toString()).toContain('100}')
  })

  test.each(['', 'x', '{}', '{"version":1,"uses":{"a":-1}}', '{"version":2,"uses":{}}', '{"version":1,"uses":{"a":"1"}}'])(
    'a file that holds %j keeps the sidecar from starting',
    async (text) => {
      const files = memoryFiles()
      files.files.set(USES_FILE, Buffer.from(text))
      await expect(createUseLimits(files).load()).rejects.toThrow('remove it to begin anew')
    },
  )
})
