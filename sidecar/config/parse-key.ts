// A private JWK as text becomes a signing key. What is refused is told without any of it.
import { createPrivateKey } from 'node:crypto'
import { parseJsonObject } from '../../protocol/encoding.ts'
import { parsePublicJwk } from '../../protocol/jwk.ts'
import { buildSigningKey, type SigningKey } from '../../protocol/jws.ts'
import { err, ok, type Result } from '../../protocol/result.ts'

export type KeyRefusal = 'key_not_json' | 'key_not_private' | 'key_not_supported'

/** P-256 or Ed25519 (RFC 7518 section 6.2, RFC 8037 section 2). */
export function parseSigningKey(text: string): Result<SigningKey, KeyRefusal> {
  const jwk = parseJsonObject(text)
  if (jwk === undefined) return err('key_not_json')
  if (typeof jwk['d'] !== 'string') return err('key_not_private')
  const { kty, crv, x, y, d } = jwk
  const publicJwk = parsePublicJwk(kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x })
  if (!publicJwk.ok) return err('key_not_supported')
  try {
    const privateKey = createPrivateKey({ key: { ...publicJwk.value, d }, format: 'jwk' })
    return ok(buildSigningKey(privateKey, publicJwk.value))
  } catch {
    return err('key_not_supported')
  }
}
