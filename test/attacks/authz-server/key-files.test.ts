// Attack row S03: signing keys in files that others could have read, replaced or broken.
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileKeyStorage, openSecretFile } from '../../../authz-server/config/key-storage.ts'
import { generateSigningKey } from '../../../authz-server/tokens/generate-signing-key.ts'
import { createKeyring } from '../../../authz-server/tokens/keyring.ts'
import { claimFile } from '../../../system/claim-file.ts'
import { openDataDirectory } from '../../../system/data-directory.ts'

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
  {
    title: 'a truncated file',
    spoil: () => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100)),
    expected: /is truncated or was not written by this server/,
  },
  { title: 'an empty file', spoil: () => writeFileSync(file, ''), expected: /is truncated or was not written by this server/ },
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
  expect(() => openSecretFile(directory, 'user-code-key', bytes)).toThrow(/does not contain 32 bytes/)
})

describe('S03: the data directory', () => {
  test.each([
    { title: '0700', mode: 0o700 },
    { title: '0755', mode: 0o755 },
  ])('S03: of mode $title is taken', ({ mode }) => {
    chmodSync(directory, mode)
    expect(() => openDataDirectory(directory)).not.toThrow()
  })

  test.each([
    { title: 'the group', mode: 0o720 },
    { title: 'others', mode: 0o702 },
    { title: 'all, sticky or not', mode: 0o1777 },
  ])('S03: that $title can write to is refused with the reason', ({ mode }) => {
    chmodSync(directory, mode)
    expect(() => openDataDirectory(directory)).toThrow(/others can put files here; run chmod 700/)
  })

  test('S03: that is missing is made with mode 0700, and a link to a good one is followed', () => {
    openDataDirectory(join(directory, 'data'))
    expect(statSync(join(directory, 'data')).mode & 0o777).toBe(0o700)
    symlinkSync(join(directory, 'data'), join(directory, 'link'))
    expect(() => openDataDirectory(join(directory, 'link'))).not.toThrow()
  })

  // Only root may give a file away.
  describe.skipIf(process.getuid?.() !== 0)('of another user (skipped unless run by root)', () => {
    const ANOTHER_USER = 12_345
    test.each([
      { title: 'data directory', path: () => directory, use: () => openDataDirectory(directory) },
      { title: 'keys directory', path: () => join(directory, 'keys'), use: open },
      { title: 'key file', path: () => file, use: open },
      { title: 'database', path: () => join(directory, 'authz-server.db'), use: () => claimFile(join(directory, 'authz-server.db')) },
    ])('S03: a $title is refused with the reason', ({ path, use }) => {
      open()
      claimFile(join(directory, 'authz-server.db'))
      chownSync(path(), ANOTHER_USER, ANOTHER_USER)
      expect(use).toThrow(/belongs to another user/)
    })
  })
})
