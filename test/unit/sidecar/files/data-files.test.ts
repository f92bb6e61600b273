// The data directory: what is there, what is not, and what cannot be looked at, which must not look like what is not there.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sha256Base64url } from '../../../../protocol/encoding.ts'
import { createPolicyStore } from '../../../../sidecar/feed/policy-store.ts'
import { createDataFiles } from '../../../../sidecar/files/data-files.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-files-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('what was written is read and listed; a folder that is not there has no names', async () => {
  const files = createDataFiles(directory)
  expect(await files.list('uses')).toEqual([])
  expect(await files.read('uses/a.json')).toBeUndefined()
  await files.write('uses/a.json', '{}')
  expect(await files.list('uses')).toEqual(['a.json'])
  expect(Buffer.from((await files.read('uses/a.json')) ?? []).toString()).toBe('{}')
})

test('a folder that cannot be looked at is a fault, never an empty one', async () => {
  writeFileSync(join(directory, 'uses'), 'a file where a folder belongs')
  await expect(createDataFiles(directory).list('uses')).rejects.toThrow('ENOTDIR')
})

test.each(['../a', 'a/b/c', '/a', 'a.txt', ''])('%j is no name in it', async (name) => {
  await expect(createDataFiles(directory).write(name, '')).rejects.toThrow('not a name')
})

const SECRET = '{"version":1}'

test.each([
  { title: 'a symbolic link', prepare: (path: string) => symlinkSync(elsewhere(), path), says: 'is a symbolic link' },
  { title: 'a link to nothing', prepare: (path: string) => symlinkSync(join(directory, 'nothing'), path), says: 'is a symbolic link' },
  { title: 'a folder', prepare: (path: string) => mkdirSync(path), says: 'is not a regular file' },
  { title: 'a pipe', prepare: (path: string) => spawnSync('mkfifo', ['-m', '600', path]), says: 'is not a regular file' },
  { title: 'readable by a group', prepare: (path: string) => writeFileSync(path, SECRET, { mode: 0o640 }), says: 'can be read or changed by other users' },
  { title: 'writable by all', prepare: (path: string) => chmodSync(write(path), 0o602), says: 'can be read or changed by other users' },
])('TR23: a file that is $title is not read', async ({ prepare, says }) => {
  prepare(join(directory, 'feed-state.json'))
  const files = createDataFiles(directory)
  await expect(files.read('feed-state.json')).rejects.toThrow(says)
  if (says !== 'is not a regular file' || !existsSync(join(directory, 'feed-state.json'))) {
    // What is written takes its place, and touches nothing that it led to.
    await files.write('feed-state.json', '{"version":2}')
    expect(Buffer.from((await files.read('feed-state.json')) ?? []).toString()).toBe('{"version":2}')
    if (existsSync(join(directory, 'elsewhere'))) expect(readFileSync(join(directory, 'elsewhere'), 'utf8')).toBe(SECRET)
  }
})

function write(path: string): string {
  writeFileSync(path, SECRET, { mode: 0o600 })
  return path
}

function elsewhere(): string {
  return write(join(directory, 'elsewhere'))
}

test('TR23: a policy on disk that is a link, or not what its digest says, is fetched again', async () => {
  const wasm = Buffer.from('a module')
  const digest = sha256Base64url(wasm)
  mkdirSync(join(directory, 'artifacts'), { mode: 0o700 })
  for (const spoil of [(path: string) => symlinkSync(elsewhere(), path), (path: string) => writeFileSync(path, 'another module', { mode: 0o600 })]) {
    const path = join(directory, 'artifacts', digest)
    rmSync(path, { force: true })
    spoil(path)
    let fetched = 0
    const loaded: string[] = []
    const store = createPolicyStore({
      files: createDataFiles(directory),
      async fetchArtifact() {
        fetched += 1
        return wasm
      },
      async loadPolicy(bytes) {
        loaded.push(Buffer.from(bytes).toString())
        return { evaluate: () => Promise.reject(new Error('not used')) as never }
      },
    })
    await store.load(digest)
    expect([fetched, loaded, lstatSync(path).isFile(), readFileSync(path, 'utf8')]).toEqual([1, ['a module'], true, 'a module'])
  }
})
