// Public keys as JWK (RFC 7517, 7518, 8037): the two kinds we accept, read strictly. Never holds a private member.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { isJsonObject, parseBase64url, sha256Base64url } from './encoding.ts'
import { err, ok, type Result } from './result.ts'

export interface EcPublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

export interface OkpPublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
}

export type PublicJwk = EcPublicJwk | OkpPublicJwk

/** JWS algorithms in use: ES256 (RFC 7518 section 3.4), EdDSA (RFC 8037), and Ed25519, its fully specified name (RFC 9864). */
export const SIGNATURE_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519'] as const
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

export type JwkRefusal = 'not_a_jwk' | 'private_jwk' | 'unsupported_key_type' | 'invalid_key'

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const COORDINATE_BYTES = 32

/**
 * The required members alone, in a new object; refuses private members, other key types and points off the curve.
 * `isKnown` says that this very key has been imported before, which saves importing it again on a hot path.
 */
export function parsePublicJwk(value: unknown, isKnown: (jwk: PublicJwk) => boolean = () => false): Result<PublicJwk, JwkRefusal> {
  if (!isJsonObject(value)) return err('not_a_jwk')
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(value, member))) return err('private_jwk')
  const jwk = pickRequiredMembers(value)
  if (jwk === undefined) return err('unsupported_key_type')
  return isKnown(jwk) || importJwk(jwk) !== undefined ? ok(jwk) : err('invalid_key')
}

function pickRequiredMembers(value: { readonly [key: string]: unknown }): PublicJwk | undefined {
  const { kty, crv, x, y } = value
  if (kty === 'EC' && crv === 'P-256' && isCoordinate(x) && isCoordinate(y)) return { kty, crv, x, y }
  if (kty === 'OKP' && crv === 'Ed25519' && isCoordinate(x)) return { kty, crv, x }
  return undefined
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && parseBase64url(value)?.length === COORDINATE_BYTES
}

function importJwk(jwk: PublicJwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    return undefined
  }
}

/** The key as Node's crypto wants it. Costs about 70 microseconds, so callers on a hot path keep it. Throws for a JWK that was not parsed by `parsePublicJwk`. */
export function buildKeyObject(jwk: PublicJwk): KeyObject {
  return createPublicKey({ key: { ...jwk }, format: 'jwk' })
}

/** JWK thumbprint, SHA-256, base64url (RFC 7638 section 3): required members in lexicographic order, no white space. */
export function buildThumbprint(jwk: PublicJwk): string {
  const members = jwk.kty === 'EC' ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y } : { crv: jwk.crv, kty: jwk.kty, x: jwk.x }
  return sha256Base64url(JSON.stringify(members))
}

/** 43 characters of base64url: the only shape a SHA-256 thumbprint has. */
export function isThumbprint(value: unknown): value is string {
  return typeof value === 'string' && value.length === 43 && parseBase64url(value) !== undefined
}

/** The algorithms that fit a key; the first is the one we sign with. */
export function algorithmsOf(jwk: PublicJwk): readonly SignatureAlgorithm[] {
  return jwk.kty === 'EC' ? ['ES256'] : ['EdDSA', 'Ed25519']
}
