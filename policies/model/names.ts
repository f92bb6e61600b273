// Reads the words of `who` and `what`. It knows the names of the document, and no person or thing.
import type { Mistake } from '../conditions/condition-kind.ts'
import { err, ok, type Result } from '../result.ts'
import { didYouMean, nearestWord } from '../suggest.ts'
import { ANYONE_SIGNED_IN, ANYONE_WITH_LINK, EVERYTHING } from '../words.ts'
import { explainAddress, explainDomain, isAddress, isDomain } from './address.ts'
import type { ThingWord, What, Who } from './rule-set.ts'

/** As YAML holds it: a word, or issuer and subject. */
export type WhoWord = string | { readonly issuer: string; readonly subject: string }

const PREFIXES = ['domain', 'client', 'service', 'device']
// What earlier versions took for an address.
const EARLIER_EMAIL = /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/

/** For a text that an earlier version saved: words that fit nobody keep fitting nobody. */
export function parseSavedWho(word: WhoWord, names: readonly string[]): Result<Who, Mistake> {
  const read = parseWho(word, names)
  if (read.ok) return read
  if (typeof word !== 'string') return ok({ kind: 'subject', issuer: word.issuer, subject: word.subject })
  return EARLIER_EMAIL.test(word) ? ok({ kind: 'email', email: word.toLowerCase() }) : read
}

/** Addresses and domains are kept in lower case: they are compared without regard to it. */
export function parseWho(word: WhoWord, names: readonly string[]): Result<Who, Mistake> {
  if (typeof word !== 'string') return readSubject(word)
  if (word === ANYONE_SIGNED_IN) return ok({ kind: 'anyone' })
  if (word === ANYONE_WITH_LINK) return ok({ kind: 'link' })
  if (names.includes(word)) return ok({ kind: 'group', name: word })
  const [, kind, name = ''] = /^(domain|client|service|device):(.*)$/su.exec(word) ?? []
  if (kind !== undefined) return readPrefixed(kind, name)
  if (isAddress(word)) return ok({ kind: 'email', email: word.toLowerCase() })
  return err({ code: 'unknown_who', message: /[@＠﹫]/u.test(word) ? explainAddress(word) : explainWord(word, names) })
}

function explainWord(word: string, names: readonly string[]): string {
  const [, prefix, name = ''] = /^\s*([A-Za-z-]+)\s*:\s*(.*)$/su.exec(word) ?? []
  if (prefix !== undefined) {
    if (names.includes(name)) return `"${word}" is not valid in "who". Write only the name: "${name}".`
    const near = nearestWord(prefix, PREFIXES)
    return `"${prefix}:" is not a prefix for "who"; the prefixes are ${PREFIXES.map((one) => `${one}:`).join(', ')}.${near === undefined ? '' : ` Did you mean "${near}:${name}"?`}`
  }
  const known = [...names, ANYONE_SIGNED_IN, ANYONE_WITH_LINK]
  return `"${word}" is not a name under "people", not an e-mail address and not ${ANYONE_SIGNED_IN}.${didYouMean(word.normalize('NFKC').trim(), known)}`
}

function readPrefixed(kind: string, name: string): Result<Who, Mistake> {
  if (name === '' || hasControl(name)) return err({ code: 'unknown_who', message: `"${kind}:" must be followed by a name without control characters.` })
  if (name !== name.trim()) return err({ code: 'unknown_who', message: `"${kind}:${name}" has spaces around the name. Write "${kind}:${name.trim()}".` })
  switch (kind) {
    case 'domain':
      if (!isDomain(name)) return err({ code: 'unknown_who', message: explainDomain(name) })
      return ok({ kind: 'domain', domain: name.toLowerCase() })
    case 'device':
      return ok({ kind: 'device', device: name })
    case 'client':
      return ok({ kind: 'client', client: name })
    default:
      return ok({ kind: 'service', client: name })
  }
}

function readSubject({ issuer, subject }: Exclude<WhoWord, string>): Result<Who, Mistake> {
  if (hasControl(issuer) || hasControl(subject)) return err({ code: 'unknown_who', message: 'An issuer and a subject must not contain control characters.' })
  return ok({ kind: 'subject', issuer, subject })
}

/** A name of `things`, `type:x`, `tag:x`, `device:x`, everything, or a thing's key. `thing:x` is the long form, for keys that look like another word. */
export function parseWhat(word: string, names: readonly string[]): Result<What, Mistake> {
  if (hasControl(word)) return err({ code: 'unknown_what', message: 'The name of a thing, type or tag must not contain control characters.' })
  if (names.includes(word)) return ok({ kind: 'named', name: word })
  return parseThingWord(word)
}

function parseThingWord(word: string): Result<ThingWord, Mistake> {
  if (word === EVERYTHING) return ok({ kind: 'everything' })
  const match = /^(thing|type|tag|device):(.*)$/su.exec(word)
  if (match === null) return ok({ kind: 'thing', name: word })
  const [, kind, name = ''] = match
  if (name === '') return err({ code: 'unknown_what', message: `"${kind}:" must be followed by a name, such as ${kind}:studio.` })
  return ok({ kind: kind as Exclude<ThingWord['kind'], 'everything'>, name })
}

/** The word that parseWhat reads as this, in a document with these names. */
export function whatWord(what: What, names: readonly string[]): string {
  if (what.kind === 'everything') return EVERYTHING
  if (what.kind === 'named') return what.name
  return what.kind === 'thing' ? thingWord(what.name, names) : `${what.kind}:${what.name}`
}

/** The word that parseWhat reads as this thing's key, in a document with these names. */
export function thingWord(key: string, names: readonly string[]): string {
  const read = parseWhat(key, names)
  return read.ok && read.value.kind === 'thing' && read.value.name === key ? key : `thing:${key}`
}

/** What parseWho reads as this. */
export function whoWord(who: Who): WhoWord {
  switch (who.kind) {
    case 'email':
      return who.email
    case 'subject':
      return { issuer: who.issuer, subject: who.subject }
    case 'domain':
      return `domain:${who.domain}`
    case 'device':
      return `device:${who.device}`
    case 'client':
    case 'service':
      return `${who.kind}:${who.client}`
    case 'group':
      return who.name
    case 'anyone':
      return ANYONE_SIGNED_IN
    case 'link':
      return ANYONE_WITH_LINK
  }
}

/** C0, DEL and C1 have no use in a name, and terminals and logs act on them; half of a surrogate pair does not survive UTF-8. */
export function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text) || !text.isWellFormed()
}
