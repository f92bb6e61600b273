// The key that signs tokens and feed messages: ES256, which every OAuth client supports.
import type { SigningKey } from '../../protocol/jws.ts'
import { generateSigningKey as generateKey } from '../../system/generate-key.ts'

export function generateSigningKey(): SigningKey {
  return generateKey('P-256')
}
