// A new ES256 key for tokens and feed messages: the algorithm that every OAuth client has.
import { generateKeyPairSync } from 'node:crypto'
import { parsePublicJwk } from '../../protocol/jwk.ts'
import { buildSigningKey, type SigningKey } from '../../protocol/jws.ts'

export function generateSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = parsePublicJwk(publicKey.export({ format: 'jwk' }))
  if (!jwk.ok) throw new Error('a new key is not one that we accept')
  return buildSigningKey(privateKey, jwk.value)
}
