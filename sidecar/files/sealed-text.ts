// JSON that only this sidecar can have written: its last member is a MAC with a key derived from the sidecar's own private key. Pure.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { type JsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import { exportPrivateBytes } from '../../system/generate-key.ts'

const MAC_CHARACTERS = 43
const TAIL = /,"mac":"([A-Za-z0-9_-]{43})"\}$/
const TAIL_CHARACTERS = ',"mac":""}'.length + MAC_CHARACTERS

/** One key for each kind of file: none passes for another. */
export type SealPurpose = 'feed-state' | 'feed-counter' | 'uses'

/** HKDF-SHA-256 (RFC 5869). Another private key makes another one, and what was sealed before is then ignored. */
export function deriveSealKey(key: SigningKey, purpose: SealPurpose): Uint8Array {
  return Buffer.from(hkdfSync('sha256', exportPrivateBytes(key.privateKey), new Uint8Array(0), `latchkey sidecar data v1|${purpose}`, 32))
}

/** `value` must have a member, and none named `mac`. */
export function sealJson(value: object, key: Uint8Array): string {
  const body = JSON.stringify(value)
  return `${body.slice(0, -1)},"mac":"${macOf(body, key).toString('base64url')}"}`
}

/** The sealed value without its MAC; undefined if it was not sealed with this key. Nothing is parsed before the MAC is right. */
export function openSealed(bytes: Uint8Array, key: Uint8Array): JsonObject | undefined {
  const text = Buffer.from(bytes).toString('utf8')
  const mac = TAIL.exec(text.slice(-TAIL_CHARACTERS))?.[1]
  if (mac === undefined) return undefined
  const body = `${text.slice(0, -TAIL_CHARACTERS)}}`
  return timingSafeEqual(Buffer.from(mac, 'base64url'), macOf(body, key)) ? parseJsonObject(body) : undefined
}

function macOf(body: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(body).digest()
}
