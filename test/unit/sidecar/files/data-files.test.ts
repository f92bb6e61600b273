// The data directory: what is there, what is not, and what cannot be looked at, which must not look like what is not there.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
