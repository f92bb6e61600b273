// What the feed has said so far, as one immutable value: a reader holds one state for a whole decision, and a change makes the next one.
import type { KeyObject } from 'node:crypto'
import type { DeviceEntry, FeedEntry, FeedKey, FeedMessage, OwnerEntry, ResourceEntry } from '../../protocol/feed/messages.ts'
import { buildKeyObject, buildThumbprint, parsePublicJwk } from '../../protocol/jwk.ts'
import type { EpochSeconds } from '../../protocol/time.ts'

/** Where in which log: two messages of one position say the same. */
export interface FeedPosition {
  readonly incarnation: string
  readonly revision: number
  readonly digest: string
}

export interface FeedState extends FeedPosition {
  /** Keys of tokens and feed messages, by `kid`. The same object as long as they do not change. */
  readonly keys: ReadonlyMap<string, KeyObject>
  readonly owners: ReadonlyMap<string, OwnerEntry>
  readonly resources: ReadonlyMap<string, ResourceEntry>
  readonly resourcesByKey: ReadonlyMap<string, ResourceEntry>
  readonly devices: ReadonlyMap<string, DeviceEntry>
  /** By `jti` and by `grant_id`: when the revocation may be forgotten. */
  readonly revokedTokens: ReadonlyMap<string, EpochSeconds>
  readonly revokedGrants: ReadonlyMap<string, EpochSeconds>
}

export function buildEmptyState(keys: ReadonlyMap<string, KeyObject>): FeedState {
  return {
    incarnation: '',
    revision: 0,
    digest: '',
    keys,
    owners: new Map(),
    resources: new Map(),
    resourcesByKey: new Map(),
    devices: new Map(),
    revokedTokens: new Map(),
    revokedGrants: new Map(),
  }
}

/** Keys that are not usable are left out: nothing signed by them can be accepted. `kid` has to be the thumbprint. */
export function buildKeys(keys: readonly FeedKey[]): ReadonlyMap<string, KeyObject> {
  const usable = new Map<string, KeyObject>()
  for (const key of keys) {
    const jwk = parsePublicJwk(key)
    if (jwk.ok && buildThumbprint(jwk.value) === key.kid) usable.set(key.kid, buildKeyObject(jwk.value))
  }
  return usable
}

/** The state after a verified message. A snapshot starts from nothing but the keys; revocations whose time is over are dropped. */
export function applyFeedMessage(state: FeedState, message: FeedMessage, now: EpochSeconds): FeedState {
  const base = message.kind === 'snapshot' ? buildEmptyState(state.keys) : state
  const { incarnation, revision, digest } = message
  if (message.entries.length === 0) return { ...base, incarnation, revision, digest }
  const next = createDraft(base)
  for (const entry of message.entries) next.apply(entry)
  next.dropRevocationsBefore(now)
  return next.finish({ incarnation, revision, digest })
}

type Mutable = { -readonly [part in keyof FeedState]: FeedState[part] extends ReadonlyMap<infer K, infer V> ? Map<K, V> : FeedState[part] }

/** Copies a map when it is first written to, so that a change costs what it touches. */
function createDraft(base: FeedState) {
  const draft = { ...base } as Mutable
  const copied = new Set<keyof FeedState>()

  function write<K extends Exclude<keyof FeedState, keyof FeedPosition | 'keys'>>(part: K): Mutable[K] {
    if (!copied.has(part)) {
      copied.add(part)
      draft[part] = new Map(base[part] as ReadonlyMap<string, never>) as Mutable[K]
    }
    return draft[part]
  }

  function removeResource(id: string): void {
    const known = draft.resources.get(id)
    if (known === undefined) return
    write('resources').delete(id)
    if (draft.resourcesByKey.get(known.key)?.id === id) write('resourcesByKey').delete(known.key)
  }

  return {
    apply(entry: FeedEntry): void {
      switch (entry.kind) {
        case 'owner':
          write('owners').set(entry.owner, entry)
          return
        case 'resource':
          removeResource(entry.id)
          write('resources').set(entry.id, entry)
          write('resourcesByKey').set(entry.key, entry)
          return
        case 'resource_removed':
          removeResource(entry.id)
          return
        case 'device':
          write('devices').set(entry.id, entry)
          return
        case 'revocation':
          write(entry.of === 'token' ? 'revokedTokens' : 'revokedGrants').set(entry.id, entry.expires_at)
          return
        case 'keys':
          draft.keys = buildKeys(entry.keys) as Map<string, KeyObject>
      }
    },
    dropRevocationsBefore(now: EpochSeconds): void {
      for (const part of ['revokedTokens', 'revokedGrants'] as const) {
        for (const [id, expiresAt] of base[part]) if (expiresAt <= now) write(part).delete(id)
      }
    },
    finish: (position: FeedPosition): FeedState => ({ ...draft, ...position }),
  }
}
