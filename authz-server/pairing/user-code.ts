// The code that a person types: made, shown, read back and stored. RFC 8628 section 6.1.
import { createHmac } from 'node:crypto'

/** Consonants without look-alikes (RFC 8628 section 6.1): no vowels, so no words; 20^8 codes are 34.6 bits. */
export const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const USER_CODE_LENGTH = 8
/** The largest multiple of 20 that fits a byte: larger bytes are drawn again, so that each letter is equally likely. */
const FAIR_BYTE_LIMIT = 240

/** Eight letters without the dash. */
export function generateUserCode(randomBytes: (count: number) => Uint8Array): string {
  let code = ''
  while (code.length < USER_CODE_LENGTH) {
    for (const byte of randomBytes(USER_CODE_LENGTH)) {
      if (byte < FAIR_BYTE_LIMIT && code.length < USER_CODE_LENGTH) code += USER_CODE_LETTERS[byte % USER_CODE_LETTERS.length]
    }
  }
  return code
}

/** As shown: `XXXX-XXXX`. */
export function formatUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** Case, spaces and punctuation do not count; undefined for what cannot be a code. */
export function parseUserCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined
  const code = typed.toUpperCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  return code.length === USER_CODE_LENGTH && [...code].every((letter) => USER_CODE_LETTERS.includes(letter)) ? code : undefined
}

/** Keyed, since the space of codes is small enough to be searched by whoever reads the database. */
export function hashUserCode(code: string, secret: Uint8Array): string {
  return createHmac('sha256', secret).update(`user_code ${code}`).digest('base64url')
}
