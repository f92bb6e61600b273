import { expect, test } from 'vitest'
import { createStateFile, STATE_FILE, type StateFile } from '../../../../sidecar/feed/state-file.ts'
import type { DataFiles } from '../../../../sidecar/ports.ts'
import { AUDIENCE, createFilledKeeper, device, feedKey, generateKey, ISSUER, KEY, NOW, sign, signChange } from '../../../support/feed-messages.ts'

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

function open(files: DataFiles, { issuer = ISSUER, audience = AUDIENCE } = {}): StateFile {
  return createStateFile({ files, issuer, audience, notice: () => {}, heartbeatEverySeconds: 60 })
}

const snapshot = sign({ entries: [{ kind: 'keys', keys: [feedKey(KEY)] }, device('d-1')] })

/** Takes in what follows the keeper's snapshot, and writes it all. */
async function store(files: DataFiles, texts: readonly string[]): Promise<void> {
  const file = open(files)
  file.setTrust([feedKey(KEY)])
  const keeper = createFilledKeeper()
  for (const text of [snapshot, ...texts]) {
    const taken = keeper.take(text, NOW + 60)
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
    version: 1,
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
    const taken = keeper.take(text, NOW)
    if (taken.ok) file.note(text, taken.value)
  }
  expect(file.needsSnapshot()).toBe(true)
  await file.flush()
})

test('a disk that is full is told of, and stops nothing', async () => {
  const notices: string[] = []
  const files: DataFiles = { ...createMemoryFiles(), write: () => Promise.reject(new Error('ENOSPC')) }
  const file = createStateFile({ files, issuer: ISSUER, audience: AUDIENCE, notice: (text) => notices.push(text), heartbeatEverySeconds: 60 })
  file.note(snapshot, { iss: ISSUER, aud: AUDIENCE, iat: NOW, kind: 'snapshot', revision: 10, previous: 0, entries: [] })
  await file.flush()
  expect(notices).toEqual(['the last good state could not be written: ENOSPC'])
})
