// Fingerprints in words: the same on every screen, different for different keys.
import { expect, test } from 'vitest'
import { createKey } from '../../../device/index.ts'
import { buildFingerprintWords, FINGERPRINT_WORDS } from '../../../protocol/fingerprint-words.ts'

test('the list has one plain word for each byte', () => {
  expect(new Set(FINGERPRINT_WORDS).size).toBe(256)
  expect(FINGERPRINT_WORDS.filter((word) => !/^[a-z]{3,8}$/.test(word))).toEqual([])
})

test.each([
  { first: [0, 0, 0, 0], words: 'acorn acorn acorn acorn' },
  { first: [0, 1, 254, 255], words: 'acorn actor shovel silver' },
  { first: [255, 255, 255, 255], words: 'silver silver silver silver' },
])('the words of a thumbprint that begins with $first', ({ first, words }) => {
  const thumbprint = Buffer.concat([Buffer.from(first), Buffer.alloc(28, 7)]).toString('base64url')
  expect(buildFingerprintWords(thumbprint).join(' ')).toBe(words)
})

test('keys have words of their own, always the same', () => {
  const keys = Array.from({ length: 20 }, () => createKey().kid)
  expect(new Set(keys.map((kid) => buildFingerprintWords(kid).join(' '))).size).toBe(20)
  expect(buildFingerprintWords(keys[0] ?? '')).toEqual(buildFingerprintWords(keys[0] ?? ''))
})

test.each(['', 'abc', `${'A'.repeat(43)}=`])('"%s" is no thumbprint', (text) => {
  expect(() => buildFingerprintWords(text)).toThrow('thumbprint')
})
