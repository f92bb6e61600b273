// Key files: made once, private, and refused when anybody else could have touched them (attack row S03).
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileTokenStore, createKey, createKeyFile, openKeyFile, openOrCreateKeyFile } from '../../../device/index.ts'
import { err } from '../../../protocol/result.ts'
import { exportPrivateJwk } from '../../../system/generate-key.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = (name = 'key.json') => join(folder, name)
const exported = (key = createKey()) => exportPrivateJwk(key.privateKey)

describe('making a key file', () => {
  test('writes a P-256 key with mode 0600 that opens as the same key', () => {
    const created = createKeyFile(path())
    expect(statSync(path()).mode & 0o777).toBe(0o600)
    const opened = openKeyFile(path())
    expect(created.ok && opened.ok && opened.value.kid === created.value.kid).toBe(true)
  })

  test('never replaces a file', () => {
    createKeyFile(path())
    const before = readFileSync(path(), 'utf8')
    expect(createKeyFile(path())).toEqual(err('file_exists'))
    expect(readFileSync(path(), 'utf8')).toBe(before)
  })

  test('leaves no draft behind, neither when it creates nor when it refuses', () => {
    createKeyFile(path())
    createKeyFile(path())
    expect(readdirSync(folder)).toEqual(['key.json'])
  })

  test('opens the key that is there instead of making another', () => {
    const first = openOrCreateKeyFile(path())
    const second = openOrCreateKeyFile(path())
    expect(first.ok && second.ok && first.value.kid === second.value.kid).toBe(true)
  })

  test('does not make a new key where a distrusted one lies', () => {
    createKeyFile(path())
    chmodSync(path(), 0o644)
    expect(openOrCreateKeyFile(path())).toEqual(err('file_is_readable_by_others'))
  })
})

describe('S03: refuses a key file', () => {
  test.each([0o640, 0o604, 0o644, 0o660, 0o602, 0o601, 0o610])('with mode %o', (mode) => {
    createKeyFile(path())
    chmodSync(path(), mode)
    expect(openKeyFile(path())).toEqual(err('file_is_readable_by_others'))
  })

  test.each([0o600, 0o400])('but not with mode %o', (mode) => {
    createKeyFile(path())
    chmodSync(path(), mode)
    expect(openKeyFile(path()).ok).toBe(true)
  })

  test('that is a symbolic link, even to a good file', () => {
    createKeyFile(path('real.json'))
    symlinkSync(path('real.json'), path())
    expect(openKeyFile(path())).toEqual(err('file_is_a_link'))
  })

  test('that is a folder', () => {
    expect(openKeyFile(folder)).toEqual(err('file_is_not_a_regular_file'))
  })

  test('that is missing', () => {
    expect(openKeyFile(path())).toEqual(err('file_missing'))
  })

  test.runIf(process.getuid?.() === 0)('that belongs to another user', async () => {
    createKeyFile(path())
    const { chownSync } = await import('node:fs')
    chownSync(path(), 12_345, 12_345)
    expect(openKeyFile(path())).toEqual(err('file_has_another_owner'))
  })

  const full = JSON.stringify(exported())
  test.each([
    { title: 'empty', text: '', refusal: 'key_malformed' },
    { title: 'cut in the middle', text: full.slice(0, full.length / 2), refusal: 'key_malformed' },
    { title: 'cut by one character', text: full.slice(0, -1), refusal: 'key_malformed' },
    { title: 'a public key only', text: JSON.stringify({ ...exported(), d: undefined }), refusal: 'key_malformed' },
    { title: 'a list', text: '[]', refusal: 'key_malformed' },
    { title: 'an RSA key', text: JSON.stringify({ kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' }), refusal: 'key_malformed' },
    { title: 'one key with the public half of another', text: JSON.stringify({ ...exported(), x: exported()['x'] }), refusal: 'key_malformed' },
    { title: 'the private half of another key', text: JSON.stringify({ ...exported(), d: exported()['d'] }), refusal: 'key_halves_differ' },
    { title: 'far too long', text: `${full}${' '.repeat(70_000)}`, refusal: 'file_is_too_large' },
  ])('that is $title', ({ text, refusal }) => {
    writeFileSync(path(), text, { mode: 0o600 })
    const opened = openKeyFile(path())
    // Node itself may notice that the halves differ; both ways the key is not used.
    const expected = refusal === 'key_halves_differ' ? ['key_halves_differ', 'key_malformed'] : [refusal]
    expect(opened.ok ? 'opened' : expected.includes(opened.error)).toBe(true)
  })
})

describe('token files', () => {
  const tokens = { issuer: 'https://a.example', client_id: 'device:1', access_token: 'a', expires_at: 1, refresh_token: 'r' }

  test('keep what was saved, with mode 0600, replaced whole', () => {
    const store = createFileTokenStore(path('tokens.json'))
    store.save(tokens)
    store.save({ ...tokens, refresh_token: 'r2' })
    expect(store.load()).toEqual({ ...tokens, refresh_token: 'r2' })
    expect(statSync(path('tokens.json')).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['tokens.json'])
  })

  test('are empty before pairing and after clearing', () => {
    const store = createFileTokenStore(path('tokens.json'))
    expect(store.load()).toBeUndefined()
    store.save(tokens)
    store.clear()
    store.clear()
    expect(store.load()).toBeUndefined()
  })

  test.each([
    { title: 'readable by others', text: JSON.stringify(tokens), mode: 0o644 },
    { title: 'truncated', text: JSON.stringify(tokens).slice(0, 40), mode: 0o600 },
    { title: 'of another shape', text: '{"access_token":1}', mode: 0o600 },
  ])('S03: are refused when $title', ({ text, mode }) => {
    writeFileSync(path('tokens.json'), text)
    chmodSync(path('tokens.json'), mode)
    expect(() => createFileTokenStore(path('tokens.json')).load()).toThrow(expect.objectContaining({ code: 'token_file_unusable' }))
  })
})
