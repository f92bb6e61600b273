import { expect, test } from 'vitest'
import { sha256Base64url } from '../../../../protocol/encoding.ts'
import { createPolicyStore, type PolicyStore } from '../../../../sidecar/feed/policy-store.ts'
import { createTurns } from '../../../../sidecar/feed/turns.ts'
import type { DataFiles, LoadedPolicy } from '../../../../sidecar/ports.ts'

const WASM = Buffer.from('a compiled policy')
const DIGEST = sha256Base64url(WASM)
const OTHER = Buffer.from('another one')

interface Bench {
  readonly store: PolicyStore
  readonly files: Map<string, Uint8Array>
  readonly fetched: string[]
  readonly loaded: Buffer[]
}

function prepare(fetchArtifact: (digest: string) => Promise<Uint8Array> = async () => WASM, write?: DataFiles['write']): Bench {
  const files = new Map<string, Uint8Array>()
  const fetched: string[] = []
  const loaded: Buffer[] = []
  const ports: DataFiles = {
    read: async (name) => files.get(name),
    write: write ?? (async (name, content) => void files.set(name, Buffer.from(content))),
    list: async (folder) => [...files.keys()].filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
    remove: async (name) => void files.delete(name),
  }
  const store = createPolicyStore({
    files: ports,
    fetchArtifact(digest) {
      fetched.push(digest)
      return fetchArtifact(digest)
    },
    async loadPolicy(wasm): Promise<LoadedPolicy> {
      loaded.push(Buffer.from(wasm))
      return { evaluate: () => ({ effect: 'deny', reasons: [], obligations: [] }) }
    },
  })
  return { store, files, fetched, loaded }
}

test('a policy is fetched once for all who ask at the same time, kept on disk and in memory', async () => {
  const { store, files, fetched } = prepare()
  expect(store.get(DIGEST)).toBeUndefined()
  const [first, second] = await Promise.all([store.load(DIGEST), store.loadSoon(DIGEST)])
  expect(first).toBe(second)
  expect(await store.load(DIGEST)).toBe(first)
  expect(store.get(DIGEST)).toBe(first)
  expect(fetched).toEqual([DIGEST])
  expect(Buffer.from(files.get(`artifacts/${DIGEST}`)!)).toEqual(WASM)
})

test('what stands on disk is not fetched again', async () => {
  const { store, files, fetched } = prepare()
  files.set(`artifacts/${DIGEST}`, WASM)
  await store.load(DIGEST)
  expect(fetched).toEqual([])
})

test('bytes on disk that are not what their name says are fetched anew', async () => {
  const { store, files, fetched, loaded } = prepare()
  files.set(`artifacts/${DIGEST}`, OTHER)
  await store.load(DIGEST)
  expect(fetched).toEqual([DIGEST])
  expect(loaded).toEqual([WASM])
})

test('an artifact that is not what its digest says is never loaded, never kept, and does not poison a later try', async () => {
  let answer: Uint8Array = OTHER
  const { store, files, loaded } = prepare(async () => answer)
  await expect(store.load(DIGEST)).rejects.toThrow('not what its digest says')
  expect([loaded.length, files.size, store.get(DIGEST)]).toEqual([0, 0, undefined])
  answer = WASM
  await store.load(DIGEST)
  expect(loaded).toEqual([WASM])
})

test.each(['../../etc/passwd', '', 'A'.repeat(42), `${'A'.repeat(42)}/`])('%j is no digest and is not asked for', async (digest) => {
  const { store, fetched } = prepare()
  await expect(store.load(digest)).rejects.toThrow('no digest')
  expect(fetched).toEqual([])
})

test('a full disk does not stop a decision', async () => {
  const { store } = prepare(undefined, () => Promise.reject(new Error('ENOSPC')))
  await store.load(DIGEST)
  expect(store.get(DIGEST)).toBeDefined()
})

test('a caller waits one second, and the load goes on for the next one', { timeout: 10_000 }, async () => {
  let answer: (wasm: Uint8Array) => void = () => {}
  const { store, fetched } = prepare(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  const started = performance.now()
  await expect(store.loadSoon(DIGEST)).rejects.toThrow('not there in time')
  expect(performance.now() - started).toBeGreaterThan(900)
  expect(performance.now() - started).toBeLessThan(3000)
  const later = store.loadSoon(DIGEST)
  answer(WASM)
  await later
  expect(fetched).toEqual([DIGEST])
})

test('sweeping removes what nobody uses, and nothing else', async () => {
  const { store, files } = prepare()
  await store.load(DIGEST)
  files.set(`artifacts/${sha256Base64url(OTHER)}`, OTHER)
  files.set('artifacts/notes', OTHER)
  await store.sweep((digest) => digest === DIGEST)
  expect([...files.keys()]).toEqual([`artifacts/${DIGEST}`, 'artifacts/notes'])
})

test('turns: a few at a time, each key once while it waits, none is dropped', async () => {
  const done: string[] = []
  const ends = new Map<string, () => void>()
  const turns = createTurns(2, async (key) => {
    await new Promise<void>((resolve) => ends.set(key, resolve))
    done.push(key)
  })
  for (const key of ['a', 'b', 'c', 'c', 'd']) turns(key)
  expect([...ends.keys()]).toEqual(['a', 'b'])
  for (const [key, started] of [
    ['b', ['a', 'b', 'c']],
    ['a', ['a', 'b', 'c', 'd']],
  ] as const) {
    ends.get(key)?.()
    await new Promise((resolve) => setImmediate(resolve))
    expect([...ends.keys()]).toEqual(started)
  }
  ends.get('c')?.()
  ends.get('d')?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual(['b', 'a', 'c', 'd'])
})
