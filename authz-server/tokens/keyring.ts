// The keys that sign tokens and feed messages. Always three generations: retired ones still verify, one signs, the next is published before it signs.
import type { KeyObject } from 'node:crypto'
import type { FeedKey } from '../../protocol/feed/messages.ts'
import { buildKeyObject } from '../../protocol/jwk.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import type { EpochSeconds } from '../../protocol/time.ts'

/** A retired key verifies for as long as a token that it signed can live, and a cached key list after that. */
export const RETIRED_KEY_SECONDS = 2 * 3600

export interface KeyGeneration {
  readonly active: SigningKey
  readonly next: SigningKey
  /** Since when `next` has been published. Unknown in files of earlier versions. */
  readonly nextSince?: EpochSeconds
  readonly retired: readonly { readonly key: SigningKey; readonly retiredAt: EpochSeconds }[]
}

/** Where the generations are kept: a file of mode 0600 that is replaced as a whole. */
export interface KeyStorage {
  readonly load: () => KeyGeneration | undefined
  readonly save: (generation: KeyGeneration) => void
}

export interface Keyring {
  /** The key that signs now. */
  readonly active: () => SigningKey
  /** Everything that verifies now or soon: the JWKS and the feed's `keys` entry. */
  readonly published: () => readonly FeedKey[]
  readonly find: (kid: string) => KeyObject | undefined
  /** The next key signs from now on; a new next one is made and published. */
  readonly rotate: (now: EpochSeconds) => KeyRotation
}

export interface KeyRotation {
  /** The `kid` that signs from now on, and the ones before and after it. */
  readonly signing: string
  readonly retired: string
  readonly next: string
  /** Until when tokens of the retired key are accepted. */
  readonly retiredUntil: EpochSeconds
  /** For how long the key that signs now had been published before. */
  readonly publishedSeconds: number | undefined
}

export function createKeyring(storage: KeyStorage, generateKey: () => SigningKey): Keyring {
  let generation = storage.load()
  if (generation === undefined) {
    generation = { active: generateKey(), next: generateKey(), retired: [] }
    storage.save(generation)
  }
  let current: KeyGeneration = generation
  let verifiers = buildVerifiers(current)

  return {
    active: () => current.active,
    published: () => allKeys(current).map((key) => ({ ...key.jwk, kid: key.kid, alg: key.alg })),
    find: (kid) => verifiers.get(kid),
    rotate(now) {
      const retired = [{ key: current.active, retiredAt: now }, ...current.retired].filter((entry) => now - entry.retiredAt < RETIRED_KEY_SECONDS)
      const rotated: KeyGeneration = { active: current.next, next: generateKey(), nextSince: now, retired }
      storage.save(rotated)
      const { active: before, nextSince: since } = current
      current = rotated
      verifiers = buildVerifiers(current)
      const kids = { signing: rotated.active.kid, retired: before.kid, next: rotated.next.kid }
      return { ...kids, retiredUntil: now + RETIRED_KEY_SECONDS, publishedSeconds: since === undefined ? undefined : Math.max(0, now - since) }
    },
  }
}

function allKeys(generation: KeyGeneration): readonly SigningKey[] {
  return [generation.active, generation.next, ...generation.retired.map((entry) => entry.key)]
}

function buildVerifiers(generation: KeyGeneration): ReadonlyMap<string, KeyObject> {
  return new Map(allKeys(generation).map((key) => [key.kid, buildKeyObject(key.jwk)]))
}
