// How often a share may be used: both edges of each limit, windows that end, uses that survive a restart, and what happens when they cannot be written.
import { describe, expect, test } from 'vitest'
import type { LimitObligation } from '../../../../policies/contract/obligations.ts'
import { LIMIT_COUNTERS_MAX, LIMIT_COUNTERS_PER_OWNER_MAX } from '../../../../sidecar/limits.ts'
import { createUseLimits } from '../../../../sidecar/obligations/use-limits.ts'

function memoryFiles() {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    isFull: false,
    writes: 0,
    async read(name: string) {
      return files.get(name)
    },
    async list(folder: string) {
      return [...files.keys()].filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1))
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
    const nth = (index: number) => ({ ...use(perHour(2)), owner: `o${index % 50}`, party: `p${index}` })
    for (let index = 0; index < LIMIT_COUNTERS_MAX; index += 1) await limits.take(nth(index), 0)
    expect(limits.size()).toBe(LIMIT_COUNTERS_MAX)
    const late = { ...use(perHour(1)), party: 'late' }
    expect(await limits.take(late, 3599)).toEqual({ ok: false, error: { reason: 'limits_unavailable' } })
    expect(await limits.take(nth(0), 3599)).toEqual({ ok: true })
    expect(await limits.take(nth(0), 3599)).toMatchObject({ ok: false, error: { reason: 'limit_reached' } })
    expect(await limits.take(late, 3600)).toEqual({ ok: true })
    expect(limits.size()).toBe(1)
  })

  test('while all are live, a refusal costs next to nothing', async () => {
    const limits = createUseLimits(memoryFiles())
    for (let index = 0; index < LIMIT_COUNTERS_MAX; index += 1) await limits.take({ ...use(perHour(1)), owner: `o${index % 50}`, party: `p${index}` }, 0)
    const begun = performance.now()
    for (let index = 0; index < 10_000; index += 1) await limits.take({ ...use(perHour(1)), party: `q${index}` }, 1)
    expect(performance.now() - begun).toBeLessThan(1_000)
  })

  test('one owner cannot take the room of all', async () => {
    const limits = createUseLimits(memoryFiles())
    for (let index = 0; index < LIMIT_COUNTERS_PER_OWNER_MAX; index += 1)
      expect((await limits.take({ ...use(perHour(1)), party: `p${index}` }, 0)).ok).toBe(true)
    expect(await limits.take({ ...use(perHour(1)), party: 'late' }, 0)).toEqual({ ok: false, error: { reason: 'limits_unavailable' } })
    expect(await limits.take({ ...use(perHour(1)), owner: 'dan' }, 0)).toEqual({ ok: true })
  })

  test('a number that the owner changes goes on from what was used', async () => {
    const limits = createUseLimits(memoryFiles())
    for (let index = 0; index < 2; index += 1) expect((await limits.take(use(perHour(2)), 0)).ok).toBe(true)
    expect((await limits.take(use(perHour(1)), 0)).ok).toBe(false)
    expect((await limits.take(use(perHour(3)), 0)).ok).toBe(true)
    expect((await limits.take(use(perHour(3)), 0)).ok).toBe(false)
  })

  test('of two numbers for one span the smaller holds, and each span counts by itself', async () => {
    const limits = createUseLimits(memoryFiles())
    const perDay: LimitObligation = { kind: 'limit', rule: 'A', uses: 3, per_seconds: 86_400 }
    expect((await limits.take(use(perHour(5), perHour(1), perDay), 0)).ok).toBe(true)
    expect((await limits.take(use(perHour(5), perHour(1), perDay), 1)).ok).toBe(false)
    expect((await limits.take(use(perHour(5), perDay), 1)).ok).toBe(true)
    expect((await limits.take(use(perHour(5), perDay), 3600)).ok).toBe(true)
    expect(await limits.take(use(perHour(5), perDay), 3600)).toMatchObject({ ok: false, error: { retryAfterSeconds: 82_800 } })
  })

  test('a clock that goes back opens nothing', async () => {
    const limits = createUseLimits(memoryFiles())
    expect((await limits.take(use(perHour(1)), 10_000)).ok).toBe(true)
    expect((await limits.take(use(perHour(1)), 1)).ok).toBe(false)
  })

  test.each(['__proto__', 'constructor', 'a"],["b', '\u0000', 'é'.repeat(1000)])('G12: a party, rule or owner named %j is a name like others', async (name) => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    const one = { owner: name, party: name, limits: [inAll(1, name)] }
    expect((await limits.take(one, 0)).ok).toBe(true)
    const again = createUseLimits(files)
    await again.load()
    expect(await again.take(one, 0)).toEqual({ ok: false, error: { reason: 'limit_used_up' } })
    expect((await again.take({ ...one, party: 'another' }, 0)).ok).toBe(true)
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

  test('what cannot be written is not allowed, and since nothing was let through, nothing is used', async () => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    files.isFull = true
    for (let index = 0; index < 5; index += 1)
      expect(await limits.take(use(inAll(2), perHour(2)), 0)).toEqual({ ok: false, error: { reason: 'limits_unavailable' } })
    expect(limits.size()).toBe(0)
    files.isFull = false
    expect((await limits.take(use(inAll(2), perHour(2)), 0)).ok).toBe(true)
    expect((await limits.take(use(inAll(2), perHour(2)), 0)).ok).toBe(true)
    expect((await limits.take(use(inAll(2), perHour(2)), 0)).ok).toBe(false)
  })

  test('those who come while a write is failing are not given more than there is', async () => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    files.isFull = true
    const first = Array.from({ length: 10 }, () => limits.take(use(inAll(10)), 0))
    files.isFull = false
    const results = await Promise.all([...first, ...Array.from({ length: 30 }, () => limits.take(use(inAll(10)), 0))])
    expect(results.filter(({ ok }) => ok).length).toBeLessThanOrEqual(10)
    const again = createUseLimits(files)
    await again.load()
    let left = 0
    while ((await again.take(use(inAll(10)), 0)).ok) left += 1
    expect(left + results.filter(({ ok }) => ok).length).toBeLessThanOrEqual(10)
  })

  test('each owner has a file, and a use writes no other', async () => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    for (const owner of ['alice', 'dan', 'alice']) await limits.take({ ...use(inAll(9)), owner }, 0)
    expect([...files.files.values()].map((content) => JSON.parse(content.toString()))).toEqual([
      { version: 1, owner: 'alice', uses: { '["A","bob",null]': 2 } },
      { version: 1, owner: 'dan', uses: { '["A","bob",null]': 1 } },
    ])
  })

  test('a hundred at once are written in a few goes', async () => {
    const files = memoryFiles()
    const limits = createUseLimits(files)
    const results = await Promise.all(Array.from({ length: 100 }, () => limits.take(use(inAll(100)), 0)))
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect(files.writes).toBeLessThan(10)
    expect([...files.files.values()].at(-1)?.toString()).toContain('100}')
  })

  test.each([
    '',
    'x',
    '{}',
    '{"version":1,"owner":"alice","uses":{"a":-1}}',
    '{"version":2,"owner":"alice","uses":{}}',
    '{"version":1,"owner":"alice","uses":{"a":"1"}}',
    '{"version":1,"owner":"dan","uses":{}}',
    '{"version":1,"uses":{}}',
  ])('a file that holds %j keeps the sidecar from starting', async (text) => {
    const files = memoryFiles()
    await createUseLimits(files).take(use(inAll(1)), 0)
    const [name = ''] = files.files.keys()
    files.files.set(name, Buffer.from(text))
    await expect(createUseLimits(files).load()).rejects.toThrow(`${name} in the data directory cannot be read`)
  })

  test('a draft that a crash left is not read', async () => {
    const files = memoryFiles()
    files.files.set('uses/x.json.1-1.draft', Buffer.from('{"ver'))
    await createUseLimits(files).load()
  })
})
