// What a person typed or pasted as a code, made plain: letter case, width, dashes and invisible characters do not matter. Names characters that no code has.

/** Without vowels, so that no word comes out (RFC 8628 section 6.1). */
export const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
/** 20^8 codes are 34.6 bits; the limits of look-up-code.ts make guessing hopeless (RFC 8628 section 5.1). */
export const USER_CODE_LENGTH = 8
/** Longer than a code with any separators a person might type; anything longer is not read. */
export const TYPED_MAX_CHARACTERS = 40

/** Characters that cannot be seen: formatting marks, controls, fillers, variation selectors, and separators of any width. */
const SEPARATORS = /[\s\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\p{P}\p{S}]/gu
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{C}]/gu

/** The code letters that a person may have meant. Digits and vowels are in no code; letters of other scripts look the same and are not. */
const MEANT: Readonly<Record<string, string>> = {
  ...{ 0: 'D or Q', 1: 'L', 2: 'Z', 5: 'S', 6: 'G', 7: 'T', 8: 'B', 9: 'G or P' },
  ...{ I: 'L or J', O: 'D or Q', U: 'V', Y: 'V', E: 'F' },
  ...{ В: 'B', Е: 'F', З: 'Z', К: 'K', М: 'M', Н: 'H', О: 'D or Q', Р: 'P', С: 'C', Т: 'T', У: 'V', Х: 'X', Ѕ: 'S', І: 'L or J', Ј: 'J', Ԍ: 'G', Ԝ: 'W' },
  ...{ Β: 'B', Ε: 'F', Ζ: 'Z', Η: 'H', Ι: 'L or J', Κ: 'K', Μ: 'M', Ν: 'N', Ο: 'D or Q', Ρ: 'P', Τ: 'T', Υ: 'V', Χ: 'X' },
}

export interface ImpossibleCharacter {
  readonly character: string
  /** E.g. `D or Q`; undefined for one that looks like no letter of codes. */
  readonly meant: string | undefined
}

export type TypedCodeReading =
  /** `XXXX-XXXX`. */
  | { readonly kind: 'code'; readonly code: string }
  /** As long as a code, but with characters that no code has. */
  | { readonly kind: 'impossible'; readonly characters: readonly ImpossibleCharacter[] }
  | { readonly kind: 'no_code' }

export function readTypedCode(typed: string): TypedCodeReading {
  if (typed.length > TYPED_MAX_CHARACTERS) return { kind: 'no_code' }
  // NFKC turns full-width, circled and mathematical letters into plain ones.
  const letters = [...typed.normalize('NFKC').replaceAll(SEPARATORS, '').toUpperCase()]
  if (letters.length !== USER_CODE_LENGTH) return { kind: 'no_code' }
  const impossible = [...new Set(letters.filter((letter) => !USER_CODE_LETTERS.includes(letter)))]
  if (impossible.length > 0) return { kind: 'impossible', characters: impossible.map((character) => ({ character, meant: MEANT[character] })) }
  return { kind: 'code', code: `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}` }
}

/** To show again what was typed: a code in its own form, anything else without what cannot be seen. */
export function showTypedCode(typed: string): string {
  const read = readTypedCode(typed)
  return read.kind === 'code' ? read.code : [...typed.replaceAll(INVISIBLE, '')].slice(0, TYPED_MAX_CHARACTERS).join('')
}
