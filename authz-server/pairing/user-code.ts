// The code a person types (RFC 8628 section 6.1): eight letters without vowels, so that no word comes out. Stored only as a keyed hash.
import { createHmac } from 'node:crypto'

export const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
/** 20^8 codes are 34.6 bits; the limits of look-up-code.ts make guessing hopeless (RFC 8628 section 5.1). */
export const USER_CODE_LENGTH = 8
/** Longer than a code with any separators a person might type; anything longer is not read. */
const TYPED_MAX_CHARACTERS = 40

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

/** What was typed, as `XXXX-XXXX`: letter case, spaces, dashes and other punctuation do not matter. Undefined for what can be no code. */
export function normalizeUserCode(typed: string): string | undefined {
  if (typed.length > TYPED_MAX_CHARACTERS) return undefined
  const letters = typed.toUpperCase().replaceAll(/[\s\p{P}\p{S}]/gu, '')
  if (letters.length !== USER_CODE_LENGTH || [...letters].some((letter) => !USER_CODE_LETTERS.includes(letter))) return undefined
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** Keyed, because a code is short: without the key, a stolen database would give it away by trying all. */
export function hashUserCode(code: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`user-code ${code}`).digest('base64url')
}
