// Strict readings of the two encodings every token is made of: base64url without padding, and JSON objects.
import { createHash, timingSafeEqual } from 'node:crypto'

const BASE64URL = /^[A-Za-z0-9_-]*$/

/** The bytes of unpadded base64url (RFC 7515 section 2); undefined for padding, `+`, `/`, white space or a length no bytes have. */
export function parseBase64url(text: string): Buffer | undefined {
  if (!BASE64URL.test(text) || text.length % 4 === 1) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

export function buildBase64url(bytes: Uint8Array | string): string {
  return Buffer.from(bytes as Uint8Array).toString('base64url')
}

export type JsonObject = { readonly [key: string]: unknown }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A JSON object, or undefined for anything else, bad UTF-8 included. */
export function parseJsonObject(text: string | Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** SHA-256 as unpadded base64url, 43 characters: the form of `ath` (RFC 9449 section 4.2), `jkt` and of every secret we store. */
export function sha256Base64url(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('base64url')
}

/** Equality of two texts in a time that depends on neither: both are hashed to one length first. */
export function isEqualConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
