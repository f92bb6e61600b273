// Holds the state in force and takes in signed messages: verify, check the sequence, apply, swap. Never does I/O; tells its listener of each change.
import type { KeyObject } from 'node:crypto'
import type { FeedMessage } from '../../protocol/feed/messages.ts'
import { ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { applyFeedMessage, buildEmptyState, type FeedState } from './feed-state.ts'
import { checkSequence, type FeedRefusal, verifyFeedMessage } from './verify-feed-message.ts'

export interface FeedKeeper {
  /** The state in force; undefined before the first snapshot. */
  readonly current: () => FeedState | undefined
  /** Takes a message in. A refusal changes nothing. */
  take(text: string, now: EpochSeconds): Result<FeedMessage, FeedRefusal>
  /** Keys to believe before the first message, or where the issuer's keys changed while we were away. */
  trust(keys: ReadonlyMap<string, KeyObject>): void
  /** When the newest message was signed; undefined before the first. */
  readonly signedAt: () => EpochSeconds | undefined
}

export interface FeedKeeperOptions {
  readonly issuer: string
  readonly audience: string
  readonly onChange: (state: FeedState, message: FeedMessage) => void
  /** After each message that was taken, heartbeats too: the state may be fresh again. */
  readonly onWord?: () => void
}

export function createFeedKeeper(options: FeedKeeperOptions): FeedKeeper {
  let state: FeedState | undefined
  let trusted: ReadonlyMap<string, KeyObject> = new Map()
  let signedAt: EpochSeconds | undefined

  return {
    current: () => state,
    signedAt: () => signedAt,
    trust(keys) {
      trusted = keys
    },
    take(text, now) {
      const message = verifyFeedMessage(text, { issuer: options.issuer, audience: options.audience, keys: trusted }, now)
      if (!message.ok) return message
      const inSequence = checkSequence(message.value, state?.revision ?? 0)
      if (!inSequence.ok) return inSequence
      // A change before any snapshot has nothing to change.
      if (state === undefined && message.value.kind !== 'snapshot') return { ok: false, error: 'feed_gap' }
      // The signed clock counts, so that an old word told again does not look new; but never one ahead of ours.
      signedAt = Math.max(signedAt ?? 0, Math.min(message.value.iat, now))
      if (message.value.kind !== 'heartbeat') {
        const next = applyFeedMessage(state ?? buildEmptyState(trusted), message.value, now)
        state = next.keys.size === 0 ? { ...next, keys: trusted } : next
        trusted = state.keys
        options.onChange(state, message.value)
      }
      options.onWord?.()
      return ok(message.value)
    },
  }
}
