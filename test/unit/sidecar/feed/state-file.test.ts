import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SigningKey } from '../../../../protocol/jws.ts'
import { COUNTER_FILE } from '../../../../sidecar/feed/state-counter.ts'
import { createStateFile, STATE_FILE, type StateFile } from '../../../../sidecar/feed/state-file.ts'
import { deriveSealKey, openSealed, sealJson } from '../../../../sidecar/files/sealed-text.ts'
import type { DataFiles } from '../../../../sidecar/ports.ts'
import { AUDIENCE, createFilledKeeper, device, feedKey, generateKey, ISSUER, KEY, NOW, sign, signChange, take } from '../../../support/feed-messages.ts'
import { fuzzCases } from '../../../support/fuzz-cases.ts'

function createMemoryFiles(): DataFiles & { readonly content: Map<string, Uint8Array> } {
  const content = new Map<string, Uint8Array>()
  return {
    content,
    read: async (name) => content.get(name),
    write: async (name, bytes) => void content.set(name, Buffer.from(bytes)),
    list: async () => [...content.keys()],
    remove: async (name) => void content.delete(name),
  }
}

const keysOf = (key: SigningKey) => ({ state: deriveSealKey(key, 'feed-state'), counter: deriveSealKey(key, 'feed-counter') })
const SIDECAR_KEY = generateKey()

interface Opened {
  readonly issuer?: string
  readonly audience?: string
  readonly key?: SigningKey
  readonly notices?: string[]
}

function open(files: DataFiles, { issuer = ISSUER, audience = AUDIENCE, key = SIDECAR_KEY, notices = [] }: Opened = {}): StateFile {
  const notice = (text: string) => void notices.push(text)
  return createStateFile({ files, keys: keysOf(key), issuer, audience, notice, heartbeatEverySeconds: 60 })
}

const snapshot = sign({ entries: [{ kind: 'keys', keys: [feedKey(KEY)] }, device('d-1')] })

/** Takes in what follows the keeper's snapshot, and writes it all. */
async function store(files: DataFiles, texts: readonly string[]): Promise<void> {
  const file = open(files)
  file.setTrust([feedKey(KEY)])
  const keeper = createFilledKeeper()
  for (const text of [snapshot, ...texts]) {
    const taken = take(keeper, text, NOW + 60)
    if (!taken.ok) throw new Error(taken.error)
    file.note(text, taken.value)
  }
  await file.flush()
}

test('what is stored are the signed messages, with the keys that the snapshot was verified by', async () => {
  const files = createMemoryFiles()
  const next = generateKey()
  const rotated = signChange(11, [{ kind: 'keys', keys: [feedKey(KEY), feedKey(next)] }])
  const heartbeat = sign({ kind: 'heartbeat', revision: 11, previous: 11 })
  await store(files, [rotated, heartbeat])
  expect(await open(files).load()).toEqual({
    version: 2,
    generation: 1,
    issuer: ISSUER,
    audience: AUDIENCE,
    trust: [feedKey(KEY)],
    snapshot,
    changes: [rotated],
    heartbeat,
  })
})

test('a heartbeat of an earlier revision is not stored behind a later change', async () => {
  const files = createMemoryFiles()
  await store(files, [sign({ kind: 'heartbeat' }), signChange(11, [])])
  expect((await open(files).load())?.heartbeat).toBeNull()
})

test('a new snapshot takes the place of all before it', async () => {
  const files = createMemoryFiles()
  const later = sign({ revision: 12 })
  await store(files, [signChange(11, []), later])
  expect(await open(files).load()).toMatchObject({ snapshot: later, changes: [], heartbeat: null })
})

test.each([
  { title: 'another issuer', as: { issuer: 'https://other.example.test' } },
  { title: 'another resource server', as: { audience: 'https://other.example.test' } },
])('the state of $title is none of ours', async ({ as }) => {
  const files = createMemoryFiles()
  await store(files, [])
  expect(await open(files).load()).toBeDefined()
  expect(await open(files, as).load()).toBeUndefined()
})

test('a file cut off anywhere is no state', async () => {
  const files = createMemoryFiles()
  await store(files, [signChange(11, [])])
  const whole = files.content.get(STATE_FILE)!
  for (let length = 0; length < whole.length; length += 13) {
    files.content.set(STATE_FILE, whole.subarray(0, length))
    expect(await open(files).load()).toBeUndefined()
  }
})

test('a snapshot is wanted after 1,000 changes, not before', async () => {
  const files = createMemoryFiles()
  const file = open(files)
  const keeper = createFilledKeeper()
  for (let revision = 11; revision <= 1010; revision += 1) {
    expect(file.needsSnapshot()).toBe(false)
    const text = signChange(revision, [])
    const taken = take(keeper, text, NOW)
    if (taken.ok) file.note(text, taken.value)
  }
  expect(file.needsSnapshot()).toBe(true)
  await file.flush()
})

test('a disk that is full is told of, and stops nothing', async () => {
  const notices: string[] = []
  const files: DataFiles = { ...createMemoryFiles(), write: () => Promise.reject(new Error('ENOSPC')) }
  const file = open(files, { notices })
  const taken = take(createFilledKeeper(), snapshot, NOW)
  if (taken.ok) file.note(snapshot, taken.value)
  await file.flush()
  expect(notices).toEqual(['the last good state could not be written: ENOSPC'])
})

/** The file as somebody without the sidecar's key could leave it. */
const FORGERIES: readonly { readonly title: string; readonly forge: (text: string) => string; readonly notice: string }[] = [
  {
    title: 'with the keys of another authz server, re-signed by them',
    forge(text) {
      const value = JSON.parse(text) as object
      const thief = generateKey()
      const forged = sign({ entries: [{ kind: 'keys', keys: [feedKey(thief)] }, device('d-9')] }, { key: thief })
      return JSON.stringify({ ...value, trust: [feedKey(thief)], snapshot: forged, changes: [] })
    },
    notice: 'not written with this sidecar',
  },
  {
    title: 'sealed with a key of their own',
    forge: (text) => reseal(text, deriveSealKey(generateKey(), 'feed-state')),
    notice: 'not written with this sidecar',
  },
  {
    title: "sealed with this sidecar's key for its counter",
    forge: (text) => reseal(text, deriveSealKey(SIDECAR_KEY, 'feed-counter')),
    notice: 'not written with this sidecar',
  },
  { title: 'without its MAC', forge: (text) => text.replace(/,"mac":"[^"]*"/, ''), notice: 'not written with this sidecar' },
  { title: 'with two MACs', forge: (text) => text.replace(/(,"mac":"[^"]*")\}$/, '$1$1}'), notice: 'not written with this sidecar' },
  { title: 'with one change left out', forge: (text) => text.replace(/"changes":\["[^"]*"\]/, '"changes":[]'), notice: 'not written with this sidecar' },
  { title: 'with something behind it', forge: (text) => `${text} `, notice: 'not written with this sidecar' },
  {
    title: 'in the form of an earlier version',
    forge: (text) => JSON.stringify({ ...JSON.parse(text), version: 1, mac: undefined }),
    notice: 'earlier version',
  },
  { title: 'that is not JSON', forge: () => '\u0000', notice: 'not written with this sidecar' },
]

function reseal(text: string, key: Uint8Array): string {
  const { mac: _, ...value } = JSON.parse(text) as Record<string, unknown>
  return sealJson(value, key)
}

test.each(FORGERIES)('TR23: a state $title is ignored, and the notice says why', async ({ forge, notice }) => {
  const files = createMemoryFiles()
  await store(files, [signChange(11, [])])
  const text = Buffer.from(files.content.get(STATE_FILE)!).toString()
  expect(await open(files).load()).toBeDefined()
  files.content.set(STATE_FILE, Buffer.from(forge(text)))
  const notices: string[] = []
  expect(await open(files, { notices }).load()).toBeUndefined()
  expect(notices).toEqual([expect.stringContaining(`${STATE_FILE} is ignored: it was`)])
  expect(notices[0]).toContain(notice)
})

test("TR23: another private key's state is ignored", async () => {
  const files = createMemoryFiles()
  await store(files, [])
  expect(await open(files, { key: generateKey() }).load()).toBeUndefined()
})

test('TR23: an older copy of the state is ignored, and so is one whose counter is gone', async () => {
  const files = createMemoryFiles()
  await store(files, [])
  const first = files.content.get(STATE_FILE)!
  const file = open(files)
  expect(await file.load()).toMatchObject({ generation: 1 })
  const taken = take(createFilledKeeper(), snapshot, NOW)
  if (taken.ok) file.note(snapshot, taken.value)
  await file.flush()
  const second = files.content.get(STATE_FILE)!
  expect(await open(files).load()).toMatchObject({ generation: 2 })
  files.content.set(STATE_FILE, first)
  const notices: string[] = []
  expect(await open(files, { notices }).load()).toBeUndefined()
  expect(notices).toEqual([`${STATE_FILE} is ignored: it is older than the copy that was used last`])
  files.content.set(STATE_FILE, second)
  files.content.delete(COUNTER_FILE)
  expect(await open(files).load()).toBeUndefined()
})

test('TR23: what is written after an ignored copy is newer than all before', async () => {
  const files = createMemoryFiles()
  await store(files, [])
  for (let round = 0; round < 3; round += 1) {
    files.content.set(STATE_FILE, Buffer.from('{}'))
    const file = open(files)
    expect(await file.load()).toBeUndefined()
    const taken = take(createFilledKeeper(), snapshot, NOW)
    if (taken.ok) file.note(snapshot, taken.value)
    await file.flush()
    expect(await open(files).load()).toMatchObject({ generation: round + 2 })
  }
})

test('TR23: a kill between the state and its counter loses neither', async () => {
  const files = createMemoryFiles()
  await store(files, [])
  const counter = files.content.get(COUNTER_FILE)!
  const file = open(files)
  await file.load()
  const taken = take(createFilledKeeper(), snapshot, NOW)
  if (taken.ok) file.note(snapshot, taken.value)
  await file.flush()
  files.content.set(COUNTER_FILE, counter)
  expect(await open(files).load()).toMatchObject({ generation: 2 })
})

test('TR23: a sealed value is read back as it was, and one with any byte changed is not', () => {
  const key = deriveSealKey(SIDECAR_KEY, 'uses')
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
      fc.pre(!Object.hasOwn(value, 'mac'))
      const sealed = Buffer.from(sealJson(value, key))
      expect(openSealed(sealed, key)).toEqual(JSON.parse(JSON.stringify(value)))
      const changed = Buffer.from(sealed)
      changed[at % changed.length] = changed[at % changed.length]! ^ flip
      const opened = openSealed(changed, key)
      // A last character of base64url has bits that say nothing.
      if (opened !== undefined) expect(opened).toEqual(JSON.parse(JSON.stringify(value)))
    }),
    { numRuns: fuzzCases() },
  )
})
