// JWS compact serialization (RFC 7515) for the two key types in use. Small and strict on purpose (docs/decisions/0007); the tests hold it against jose.
import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto'
import { buildBase64url, type JsonObject, parseBase64url, parseJsonObject } from './encoding.ts'
import { algorithmsOf, buildThumbprint, type PublicJwk, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './jwk.ts'
import { err, ok, type Result } from './result.ts'

/** A longer token is refused before it is read. */
export const JWS_MAX_BYTES = 8192

export interface Jws {
  readonly header: JsonObject
  readonly payload: JsonObject
  readonly alg: SignatureAlgorithm
  readonly typ: string | undefined
  readonly kid: string | undefined
  readonly signingInput: string
  readonly signature: Buffer
}

export type JwsRefusal = 'jws_too_long' | 'jws_malformed' | 'jws_algorithm' | 'jws_critical_header'

/** Reads; does not verify. `alg` is one of ours, `crit` is refused (RFC 7515 section 4.1.11), `typ` is lower-cased without `application/`. */
export function parseJws(text: string, maxBytes: number = JWS_MAX_BYTES): Result<Jws, JwsRefusal> {
  if (text.length > maxBytes) return err('jws_too_long')
  const parts = text.split('.', 4)
  if (parts.length !== 3) return err('jws_malformed')
  const [headerPart = '', payloadPart = '', signaturePart = ''] = parts
  const header = parsePart(headerPart)
  const payload = parsePart(payloadPart)
  const signature = parseBase64url(signaturePart)
  if (!header || !payload || !signature || signature.length === 0) return err('jws_malformed')
  const alg = SIGNATURE_ALGORITHMS.find((name) => name === header['alg'])
  if (alg === undefined) return err('jws_algorithm')
  if (Object.hasOwn(header, 'crit')) return err('jws_critical_header')
  const typ = typeof header['typ'] === 'string' ? header['typ'].toLowerCase().replace(/^application\//, '') : undefined
  const kid = typeof header['kid'] === 'string' ? header['kid'] : undefined
  return ok({ header, payload, alg, typ, kid, signingInput: `${headerPart}.${payloadPart}`, signature })
}

function parsePart(part: string): JsonObject | undefined {
  const bytes = parseBase64url(part)
  return bytes && parseJsonObject(bytes)
}

/** True if `key` made this signature and the key's type fits the header's algorithm (RFC 8725 section 3.1). */
export function isSignedBy(jws: Jws, key: KeyObject): boolean {
  if (jws.alg === 'ES256') {
    if (key.asymmetricKeyType !== 'ec' || jws.signature.length !== 64) return false
    return verifyBytes('sha256', Buffer.from(jws.signingInput), { key, dsaEncoding: 'ieee-p1363' }, jws.signature)
  }
  if (key.asymmetricKeyType !== 'ed25519') return false
  return verifyBytes(null, Buffer.from(jws.signingInput), key, jws.signature)
}

/** A private key with the public facts about it. `kid` is the thumbprint. */
export interface SigningKey {
  readonly alg: SignatureAlgorithm
  readonly kid: string
  readonly jwk: PublicJwk
  readonly privateKey: KeyObject
}

export function buildSigningKey(privateKey: KeyObject, jwk: PublicJwk): SigningKey {
  const [alg = 'ES256'] = algorithmsOf(jwk)
  return { alg, kid: buildThumbprint(jwk), jwk, privateKey }
}

export interface JwsContent {
  readonly typ: string
  /** Further header members, e.g. `jwk` for a DPoP proof; `kid` is added unless `jwk` is given. */
  readonly header?: JsonObject
  readonly payload: object
}

/** Signs and serializes. */
export function signJws(key: SigningKey, content: JwsContent): string {
  const keyHint = content.header && Object.hasOwn(content.header, 'jwk') ? {} : { kid: key.kid }
  const header = { typ: content.typ, alg: key.alg, ...keyHint, ...content.header }
  const input = `${buildBase64url(JSON.stringify(header))}.${buildBase64url(JSON.stringify(content.payload))}`
  const signature =
    key.alg === 'ES256'
      ? signBytes('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
      : signBytes(null, Buffer.from(input), key.privateKey)
  return `${input}.${buildBase64url(signature)}`
}
