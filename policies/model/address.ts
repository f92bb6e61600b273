// E-mail addresses of accounts, and those and the domains of `who`: what an account can have except `*@domain`, and for anything else the form that is likely meant. It looks nothing up.
import { domainToASCII } from 'node:url'

const EMAIL_MAX_CHARS = 254
const EMAIL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/
// RFC 1035 section 2.3.1, digits first as RFC 1123 section 2.1 allows.
const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
const DOMAIN_MAX_CHARS = 253
const NOT_ASCII = /[^\x21-\x7e]/u

/** One mailbox in printable ASCII. */
export function isAccountAddress(word: string): boolean {
  return word.length <= EMAIL_MAX_CHARS && EMAIL.test(word)
}

export function isAddress(word: string): boolean {
  return isAccountAddress(word) && !word.startsWith('*@')
}

export function isDomain(word: string): boolean {
  return word.length <= DOMAIN_MAX_CHARS && DOMAIN.test(word)
}

/** Why this word, which holds "@", is not an address, with the form that is meant. */
export function explainAddress(word: string): string {
  const everybody = /^\*?@(.+)$/.exec(word)?.[1]
  if (everybody !== undefined && isDomain(everybody)) return `"${word}" is not the address of one person. For everyone there, write "domain:${everybody}".`
  const plain = plainForm(word)
  if (isAddress(plain)) return `"${word}" is not an address that an account can have. Write "${plain.toLowerCase()}".`
  if (word.split('@').length > 2) return `"${word}" is more than one address. Write each as a separate entry.`
  const [local = '', domain = ''] = plain.split('@')
  const ascii = domainToASCII(domain)
  const odd = NOT_ASCII.exec(plain)?.[0]
  if (odd !== undefined) {
    const form = isAddress(`${local}@${ascii}`) ? ` For the internationalized domain, write "${local}@${ascii}".` : ''
    return `"${word}" contains ${describeCharacter(odd)}, but addresses of accounts are ASCII. Retype it.${form}`
  }
  return `"${word}" is not an address that an account can have: a name, "@", and a domain with a dot, such as bob@example.test.`
}

/** Why this is not a domain, with the form that is meant. */
export function explainDomain(word: string): string {
  const bare = word
    .normalize('NFKC')
    .trim()
    .replace(/^(?:https?:\/\/|\*\.|\*?@|\.)+/i, '')
    .replace(/[./]+$/, '')
  if (isDomain(bare)) return `"${word}" is not a domain. Write "domain:${bare.toLowerCase()}".`
  const ascii = domainToASCII(bare)
  if (isDomain(ascii)) return `"${word}" is not ASCII. Write "domain:${ascii}".`
  return `"${word}" is not a domain such as example.test.`
}

/** Without what people paste around an address: a scheme, a display name, brackets, quotes, dots at the end. */
function plainForm(word: string): string {
  const text = word.normalize('NFKC').trim()
  const inBrackets = /<([^<>]*)>\s*$/.exec(text)?.[1] ?? text
  return inBrackets
    .trim()
    .replace(/^(?:mailto|email|e-mail|user|person|acct):\s*/i, '')
    .replace(/\?.*$/, '')
    .replace(/^["'(]+|["'),;.]+$/g, '')
    .replace(/\s*@\s*/, '@')
}

function describeCharacter(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  if (character === ' ') return 'a space'
  return /[\p{C}\p{Z}]/u.test(character) ? `an invisible character (${code})` : `the letter "${character}" (${code})`
}
