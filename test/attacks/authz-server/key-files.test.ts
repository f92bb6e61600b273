// Attack row S03: signing keys in files that others could have read, replaced or broken.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileKeyStorage, openSecretFile } from '../../../authz-server/config/key-storage.ts'
import { generateSigningKey } from '../../../authz-server/tokens/generate-signing-key.ts'
import { createKeyring } from '../../../authz-server/tokens/keyring.ts'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-keys-'))
  file = join(directory, 'keys', 'signing-keys.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

const open = () => createKeyring(createFileKeyStorage(directory), generateSigningKey)

test('keys outlive the process, in a file of mode 0600 and a directory of mode 0700', () => {
  const first = open()
  first.rotate(1_700_000_000)
  const second = open()
  expect(second.published()).toEqual(first.published())
  expect(second.published()).toHaveLength(3)
  expect([statSync(file).mode & 0o777, statSync(join(directory, 'keys')).mode & 0o777]).toEqual([0o600, 0o700])
})

test.each([
  { title: 'mode 0644', spoil: () => chmodSync(file, 0o644), expected: /others can read this key; run chmod 600/ },
  { title: 'mode 0640', spoil: () => chmodSync(file, 0o640), expected: /others can read this key/ },
  {
    title: 'a symbolic link',
    spoil: () => {
      renameSync(file, `${file}.moved`)
      symlinkSync(`${file}.moved`, file)
    },
    expected: /is a symbolic link/,
  },
  { title: 'a truncated file', spoil: () => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100)), expected: /is truncated or not ours/ },
  { title: 'an empty file', spoil: () => writeFileSync(file, ''), expected: /is truncated or not ours/ },
  {
    title: 'a directory',
    spoil: () => {
      rmSync(file)
      mkdirSync(file, { mode: 0o700 })
    },
    expected: /is not a regular file/,
  },
  { title: 'a directory that others can write to', spoil: () => chmodSync(join(directory, 'keys'), 0o777), expected: /others can put files here/ },
])('S03: $title is refused with the reason, and nothing is replaced', ({ spoil, expected }) => {
  open()
  spoil()
  expect(open).toThrow(expected)
  expect(open).toThrow(expected)
})

test('a secret file is made once and read again', () => {
  const bytes = () => new Uint8Array(32).fill(7)
  expect(Buffer.from(openSecretFile(directory, 'user-code-key', bytes))).toEqual(Buffer.alloc(32, 7))
  expect(Buffer.from(openSecretFile(directory, 'user-code-key', () => new Uint8Array(32)))).toEqual(Buffer.alloc(32, 7))
  writeFileSync(join(directory, 'keys', 'user-code-key'), 'short')
  expect(() => openSecretFile(directory, 'user-code-key', bytes)).toThrow(/does not hold 32 bytes/)
})
