// Stateless server nonces: 32 bytes that only this server can make and that say when it made them, by a clock that never goes back. Keeps no state; single use is enforced by the replay set.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { parseBase64url } from './encoding.ts'
import { err, ok, type Result } from './result.ts'
import type { MonotonicSeconds } from './time.ts'

/** Keys change this often; a nonce of the key before is still read, so the longest lifetime below must be shorter. */
export const NONCE_KEY_LIFETIME_SECONDS = 3600
/**
 * How long a nonce proves freshness; RFC 9449 section 8 leaves it to the server. A proof is remembered for as long,
 * so this also bounds the replay set: 10,000 requests a second are 600,000 entries.
 */
export const NONCE_LIFETIME_SECONDS = 60

const RANDOM_BYTES = 11
const TAG_BYTES = 16
const HEAD_BYTES = 1 + 4 + RANDOM_BYTES
const VERSION = 1

export type NonceRefusal = 'nonce_unknown' | 'nonce_stale'

export interface NonceSource {
  /** A new nonce, 43 characters of base64url. */
  mint(now: MonotonicSeconds): string
  /** Ok if this server minted it at most `NONCE_LIFETIME_SECONDS` ago; gives the first second at which it will be stale. */
  check(nonce: string, now: MonotonicSeconds): Result<{ readonly staleFrom: MonotonicSeconds }, NonceRefusal>
}

export interface NoncePorts {
  /** At least 32 random bytes of this process: its monotonic clock means nothing to any other. */
  readonly secret: Uint8Array
  /** The server's own origin: a nonce of one server means nothing at another. */
  readonly origin: string
  readonly randomBytes: (count: number) => Uint8Array
}

export function createNonceSource(ports: NoncePorts): NonceSource {
  const keys = new Map<number, Buffer>()

  function keyFor(seconds: MonotonicSeconds): Buffer {
    const period = Math.floor(seconds / NONCE_KEY_LIFETIME_SECONDS)
    const known = keys.get(period)
    if (known) return known
    const info = `latchkey nonce v1|${ports.origin}|${period}`
    const key = Buffer.from(hkdfSync('sha256', ports.secret, new Uint8Array(0), info, 32))
    if (keys.size > 2) keys.clear()
    keys.set(period, key)
    return key
  }

  function tagOf(head: Uint8Array, mintedAt: MonotonicSeconds): Buffer {
    return createHmac('sha256', keyFor(mintedAt)).update(head).digest().subarray(0, TAG_BYTES)
  }

  return {
    mint(now) {
      const head = Buffer.alloc(HEAD_BYTES)
      head.writeUInt8(VERSION, 0)
      head.writeUInt32BE(now, 1)
      head.set(ports.randomBytes(RANDOM_BYTES), 5)
      return Buffer.concat([head, tagOf(head, now)]).toString('base64url')
    },
    check(nonce, now) {
      if (nonce.length !== 43) return err('nonce_unknown')
      const bytes = parseBase64url(nonce)
      if (bytes?.length !== HEAD_BYTES + TAG_BYTES || bytes[0] !== VERSION) return err('nonce_unknown')
      const mintedAt = bytes.readUInt32BE(1)
      // The time is checked first, so that foreign bytes cannot make us derive keys of any period.
      if (now - mintedAt > NONCE_LIFETIME_SECONDS || mintedAt - now > NONCE_LIFETIME_SECONDS) return err('nonce_stale')
      const head = bytes.subarray(0, HEAD_BYTES)
      if (!timingSafeEqual(tagOf(head, mintedAt), bytes.subarray(HEAD_BYTES))) return err('nonce_unknown')
      return ok({ staleFrom: mintedAt + NONCE_LIFETIME_SECONDS + 1 })
    },
  }
}
