// A private JWK as text becomes a signing key (RFC 7518 section 6.2, RFC 8037 section 2). Messages about a key that is refused repeat none of it.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { parseJsonObject } from '../protocol/encoding.ts'
import { type PublicJwk, parsePublicJwk } from '../protocol/jwk.ts'
import { buildSigningKey, type SigningKey } from '../protocol/jws.ts'
import { err, ok, type Result } from '../protocol/result.ts'
import { exportPrivateJwk } from './generate-key.ts'

export type PrivateKeyRefusal = 'key_malformed' | 'key_halves_differ'

/** P-256 or Ed25519, both halves of one key. */
export function parsePrivateKey(text: string): Result<SigningKey, PrivateKeyRefusal> {
  const value = parseJsonObject(text)
  if (value === undefined || typeof value['d'] !== 'string') return err('key_malformed')
  const { d, ...publicMembers } = value
  const jwk = parsePublicJwk(publicMembers)
  if (!jwk.ok) return err('key_malformed')
  const privateKey = importPrivateJwk(jwk.value, d)
  if (privateKey === undefined) return err('key_malformed')
  // Node takes the public half as written; a file edited by hand could name one key and hold another.
  return isPair(privateKey, jwk.value) ? ok(buildSigningKey(privateKey, jwk.value)) : err('key_halves_differ')
}

/** Which other kind of key a text holds, for a message: ` (a PEM key)`, or nothing. Repeats none of it. */
export function describeKeyText(text: string): string {
  if (text.trim() === '') return ' (the file is empty)'
  const pem = /-----BEGIN ([A-Z ]{1,40})-----/.exec(text)?.[1]
  if (pem !== undefined) return ` (PEM: ${pem.toLowerCase()})`
  const value = parseJsonObject(text)
  if (value === undefined) return ' (this is not a JSON object)'
  if (Array.isArray(value['keys'])) return ' (a set of keys)'
  const { kty, crv } = value
  const isKnown = (kty === 'EC' && crv === 'P-256') || (kty === 'OKP' && crv === 'Ed25519')
  if (!isKnown) return typeof kty === 'string' && /^[A-Za-z0-9-]{1,10}$/.test(kty) ? ` (a key of type ${kty}, or of another curve)` : ' (this is not a JWK)'
  return value['d'] === undefined ? ' (the public half alone)' : ''
}

/** The text of a key file. */
export function formatPrivateKey(key: SigningKey): string {
  return `${JSON.stringify(exportPrivateJwk(key.privateKey))}\n`
}

function importPrivateJwk(jwk: PublicJwk, d: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: { ...jwk, d }, format: 'jwk' })
  } catch {
    return undefined
  }
}

function isPair(privateKey: KeyObject, jwk: PublicJwk): boolean {
  const bytes = Buffer.from('latchkey key file')
  const algorithm = jwk.kty === 'EC' ? 'sha256' : null
  return verify(algorithm, bytes, createPublicKey({ key: { ...jwk }, format: 'jwk' }), sign(algorithm, bytes, privateKey))
}
