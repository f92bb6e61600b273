// Holds the state in force and takes in signed messages: verify, check the sequence, apply, swap. Never does I/O; tells its listener of each change.
import type { KeyObject } from 'node:crypto'
import type { FeedMessage } from '../../protocol/feed/messages.ts'
import { ok, type Result } from '../../protocol/result.ts'
import { type EpochSeconds, type MonotonicSeconds, readMonotonic } from '../../protocol/time.ts'
import { applyFeedMessage, buildEmptyState, type FeedState } from './feed-state.ts'
import { checkSequence, type FeedRefusal, type FeedRequest, verifyFeedMessage } from './verify-feed-message.ts'

/** When the newest message was signed, by the authz server's clock, and how that stood to ours when it came. */
export interface Heard {
  readonly signedAt: EpochSeconds
  /** Seconds between its signature and its arrival; never negative. */
  readonly ageAtArrival: number
  readonly arrivedAt: MonotonicSeconds
}

export interface TakeOptions {
  readonly now: EpochSeconds
  /** Undefined for a message from the state file. */
  readonly answers: FeedRequest | undefined
}

export interface FeedKeeper {
  /** The state in force; undefined before the first snapshot. */
  readonly current: () => FeedState | undefined
  /** Takes a message in. A refusal changes nothing. */
  take(text: string, options: TakeOptions): Result<FeedMessage, FeedRefusal>
  /** Keys to believe before the first message, or where the issuer's keys changed while we were away. */
  trust(keys: ReadonlyMap<string, KeyObject>): void
  /** Undefined before the first message. */
  readonly heard: () => Heard | undefined
}

export interface FeedKeeperOptions {
  readonly issuer: string
  readonly audience: string
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
  readonly onChange: (state: FeedState, message: FeedMessage) => void
  /** After each message that was taken, heartbeats too: the state may be fresh again. */
  readonly onWord?: () => void
}

export function createFeedKeeper(options: FeedKeeperOptions): FeedKeeper {
  let state: FeedState | undefined
  let trusted: ReadonlyMap<string, KeyObject> = new Map()
  let heard: Heard | undefined

  return {
    current: () => state,
    heard: () => heard,
    trust(keys) {
      trusted = keys
    },
    take(text, { now, answers }) {
      const message = verifyFeedMessage(text, { issuer: options.issuer, audience: options.audience, keys: trusted, answers }, now)
      if (!message.ok) return message
      const inSequence = checkSequence(message.value, state)
      if (!inSequence.ok) return inSequence
      // The signed clock counts, so that a message that was held back does not look new; but never one ahead of ours.
      const signedAt = Math.min(message.value.iat, now)
      heard = { signedAt, ageAtArrival: now - signedAt, arrivedAt: readMonotonic(options.monotonic) }
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
