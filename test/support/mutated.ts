// Arbitrary inputs that are nearly right: texts with pieces cut, doubled, swapped or replaced, and signed JWTs with any content.
import fc from 'fast-check'
import { buildBase64url } from '../../protocol/encoding.ts'
import { type SigningKey, signJws } from '../../protocol/jws.ts'

interface Mutation {
  readonly at: number
  readonly length: number
  readonly kind: 'cut' | 'double' | 'replace' | 'insert'
  readonly text: string
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 0, max: 40 }),
  kind: fc.constantFrom('cut', 'double', 'replace', 'insert'),
  text: fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('.', '..', '=', '&', '%00', '%', '\u0000', '"', '{', '[[[[', '\ufeff', 'é', ',', ' ')),
})

function apply(text: string, { at, length, kind, text: piece }: Mutation): string {
  const start = Math.floor(at * text.length)
  const [before, middle, after] = [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)]
  switch (kind) {
    case 'cut':
      return before + after
    case 'double':
      return before + middle + middle + after
    case 'replace':
      return before + piece + after
    case 'insert':
      return before + piece + middle + after
  }
}

/** `text` after one to four mutations. */
export function mutated(text: string): fc.Arbitrary<string> {
  return fc.array(mutation, { minLength: 1, maxLength: 4 }).map((mutations) => mutations.reduce(apply, text))
}

const deep = fc.integer({ min: 1, max: 2000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`)

/** A JWT whose header and payload are any JSON or text at all, signed or not. */
export function anyJwt(key: SigningKey, payload: object): fc.Arbitrary<string> {
  const part = fc.oneof(fc.json({ maxDepth: 6 }), deep, fc.string()).map((text) => buildBase64url(text))
  const unsigned = fc.tuple(part, part, part).map((parts) => parts.join('.'))
  const names = Object.keys(payload)
  const change = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  const header = fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'jwk', 'b64', 'jku', 'x5c'), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 })
  const typ = fc.constantFrom('at+jwt', 'dpop+jwt', 'JWT', 'client-authentication+jwt')
  const signed = fc.tuple(typ, header, change).map(([type, more, changes]) => signJws(key, { typ: type, header: more, payload: { ...payload, ...changes } }))
  return fc.oneof(unsigned, signed)
}
