// The code a person types (RFC 8628 section 6.1): eight letters without vowels, so that no word comes out. Stored only as a keyed hash.
import { createHmac } from 'node:crypto'
import { readTypedCode, USER_CODE_LENGTH, USER_CODE_LETTERS } from './typed-code.ts'

export { USER_CODE_LETTERS }

/** Shown as `XXXX-XXXX`. */
export function generateUserCode(randomBytes: (count: number) => Uint8Array): string {
  let letters = ''
  while (letters.length < USER_CODE_LENGTH) {
    for (const byte of randomBytes(USER_CODE_LENGTH)) {
      // 240 is a multiple of 20: bytes above it would make the first letters likelier.
      if (byte < 240 && letters.length < USER_CODE_LENGTH) letters += USER_CODE_LETTERS[byte % USER_CODE_LETTERS.length]
    }
  }
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** What was typed, as `XXXX-XXXX`; undefined for what can be no code. */
export function normalizeUserCode(typed: string): string | undefined {
  const read = readTypedCode(typed)
  return read.kind === 'code' ? read.code : undefined
}

/** Keyed, because a code is short: without the key, a stolen database would give it away by trying all. */
export function hashUserCode(code: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`user-code ${code}`).digest('base64url')
}
