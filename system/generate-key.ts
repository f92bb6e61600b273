// Makes and exports signing keys without Node's JWK export, which can hang on Node 20 when garbage is collected while it exports a new EC key. DER has no such fault.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { buildBase64url, type JsonObject } from '../protocol/encoding.ts'
import { type PublicJwk, parsePublicJwk } from '../protocol/jwk.ts'
import { buildSigningKey, type SigningKey } from '../protocol/jws.ts'

const COORDINATE_BYTES = 32
/** SubjectPublicKeyInfo up to the uncompressed point of P-256 (RFC 5480 section 2.2), and up to the key of Ed25519 (RFC 8410 section 4). */
const EC_PUBLIC_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')
const ED25519_PUBLIC_HEAD = Buffer.from('302a300506032b6570032100', 'hex')
/** PKCS #8 up to the private scalar of P-256 (RFC 5915 section 3), and up to the seed of Ed25519 (RFC 8410 section 7). */
const EC_PRIVATE_HEAD = Buffer.from('308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420', 'hex')
const ED25519_PRIVATE_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A new key in memory: P-256 for ES256, which every OAuth client supports, unless Ed25519 is asked for. */
export function generateSigningKey(curve: 'P-256' | 'Ed25519' = 'P-256'): SigningKey {
  const publicKeyEncoding = { type: 'spki', format: 'der' } as const
  const privateKeyEncoding = { type: 'pkcs8', format: 'der' } as const
  const { privateKey } =
    curve === 'P-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding })
      : generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding })
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })
  return buildSigningKey(key, exportPublicJwk(key))
}

/** The public half of a P-256 or Ed25519 key, public or private. Throws for any other key. */
export function exportPublicJwk(key: KeyObject): PublicJwk {
  const der = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  const jwk = parsePublicJwk(readPublicMembers(der))
  if (!jwk.ok) throw new Error(`a key cannot be used: ${jwk.error}`)
  return jwk.value
}

/** All members of a private P-256 or Ed25519 key (RFC 7518 section 6.2, RFC 8037 section 2). Throws for any other key. */
export function exportPrivateJwk(key: KeyObject): PublicJwk & { readonly d: string } {
  return { ...exportPublicJwk(key), d: buildBase64url(exportPrivateBytes(key)) }
}

/** The 32 secret bytes of the key: the scalar of P-256 or the seed of Ed25519. */
export function exportPrivateBytes(key: KeyObject): Buffer {
  const der = key.export({ type: 'pkcs8', format: 'der' })
  const secret = [EC_PRIVATE_HEAD, ED25519_PRIVATE_HEAD].map((head) => cutAfter(der, head)?.subarray(0, COORDINATE_BYTES)).find((bytes) => bytes !== undefined)
  if (secret?.length !== COORDINATE_BYTES) throw new Error('a private key has an unexpected form')
  return Buffer.from(secret)
}

function readPublicMembers(der: Buffer): JsonObject {
  const point = cutAfter(der, EC_PUBLIC_HEAD)
  if (point !== undefined) {
    return { kty: 'EC', crv: 'P-256', x: buildBase64url(point.subarray(0, COORDINATE_BYTES)), y: buildBase64url(point.subarray(COORDINATE_BYTES)) }
  }
  const bytes = cutAfter(der, ED25519_PUBLIC_HEAD)
  return bytes === undefined ? {} : { kty: 'OKP', crv: 'Ed25519', x: buildBase64url(bytes) }
}

function cutAfter(der: Buffer, head: Buffer): Buffer | undefined {
  return der.subarray(0, head.length).equals(head) ? der.subarray(head.length) : undefined
}
