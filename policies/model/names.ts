// Reads the words of `who` and `what`. It knows the groups of the document, and no person or thing.
import type { Mistake } from '../conditions/condition-kind.ts'
import { err, ok, type Result } from '../result.ts'
import { didYouMean } from '../suggest.ts'
import { ANYONE_SIGNED_IN, EVERYTHING } from '../words.ts'
import type { What, Who } from './rule-set.ts'

const EMAIL = /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/

/** An address, a group, or anyone-signed-in. Addresses are kept in lower case: they are compared without regard to it. */
export function parseWho(word: string, groups: readonly string[]): Result<Who, Mistake> {
  if (word === ANYONE_SIGNED_IN) return ok({ kind: 'anyone' })
  if (groups.includes(word)) return ok({ kind: 'group', name: word })
  if (EMAIL.test(word)) return ok({ kind: 'email', email: word.toLowerCase() })
  if (word.includes('@')) return err({ code: 'unknown_who', message: `"${word}" is not an e-mail address in ASCII.` })
  return err({
    code: 'unknown_who',
    message: `"${word}" is no group under "people", no e-mail address and not ${ANYONE_SIGNED_IN}.${didYouMean(word, [...groups, ANYONE_SIGNED_IN])}`,
  })
}

/** `type:x`, `tag:x`, everything, or a thing's key. `thing:x` is the long form, for keys that look like another word. */
export function parseWhat(word: string): Result<What, Mistake> {
  if (hasControl(word)) return err({ code: 'unknown_what', message: 'The name of a thing, type or tag holds no control characters.' })
  if (word === EVERYTHING) return ok({ kind: 'everything' })
  const match = /^(thing|type|tag):(.*)$/su.exec(word)
  if (match === null) return ok({ kind: 'thing', name: word })
  const [, kind, name = ''] = match
  if (name === '') return err({ code: 'unknown_what', message: `After "${kind}:" belongs a name, such as ${kind}:studio.` })
  return ok({ kind: kind as 'thing' | 'type' | 'tag', name })
}

/** The word that parseWhat reads as this thing's key. */
export function thingWord(key: string): string {
  const read = parseWhat(key)
  return read.ok && read.value.kind === 'thing' && read.value.name === key ? key : `thing:${key}`
}

/** C0, DEL and C1 have no use in a name, and terminals and logs act on them; half of a surrogate pair does not survive UTF-8. */
export function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text) || !text.isWellFormed()
}
