// The last good state on disk, as the signed messages it came from, so that a start without the authz server verifies all of it again.
import type { KeyObject } from 'node:crypto'
import { isJsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import type { FeedKey, FeedMessage } from '../../protocol/feed/messages.ts'
import { STATE_MAX_CHANGES, STATE_WRITE_DELAY_MILLISECONDS } from '../limits.ts'
import type { DataFiles } from '../ports.ts'
import { buildKeys } from './feed-state.ts'

export const STATE_FILE = 'feed-state.json'

/** What stands in the file. `trust`: the keys that the snapshot is verified with. */
export interface StoredState {
  readonly version: 1
  readonly issuer: string
  readonly audience: string
  readonly trust: readonly FeedKey[]
  readonly snapshot: string
  readonly changes: readonly string[]
  readonly heartbeat: string | null
}

export interface StateFile {
  /** Undefined if there is none, or none of this issuer and audience. */
  load(): Promise<StoredState | undefined>
  /** Notes a message that was taken in; the file follows shortly after. */
  note(text: string, message: FeedMessage): void
  /** The keys that the next snapshot is to be verified with. */
  setTrust(keys: readonly FeedKey[]): void
  /** True if the changes have become so many that a snapshot should replace them. */
  readonly needsSnapshot: () => boolean
  /** Writes what is not written yet. */
  flush(): Promise<void>
}

export interface StateFileOptions {
  readonly files: DataFiles
  readonly issuer: string
  readonly audience: string
  readonly notice: (text: string) => void
  /** A heartbeat alone is written at most this often. */
  readonly heartbeatEverySeconds: number
}

export function createStateFile(options: StateFileOptions): StateFile {
  const { issuer, audience } = options
  let trust: readonly FeedKey[] = []
  let keysOfSnapshot: readonly FeedKey[] = []
  let snapshot = ''
  let changes: string[] = []
  let heartbeat: string | null = null
  let heartbeatWrittenAt = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void write()
    }, STATE_WRITE_DELAY_MILLISECONDS)
  }

  function write(): Promise<void> {
    writing = writing.then(async () => {
      if (snapshot === '') return
      const stored: StoredState = { version: 1, issuer, audience, trust: keysOfSnapshot, snapshot, changes, heartbeat }
      try {
        await options.files.write(STATE_FILE, JSON.stringify(stored))
      } catch (cause) {
        options.notice(`the last good state could not be written: ${cause instanceof Error ? cause.message : 'unknown fault'}`)
      }
    })
    return writing
  }

  function note(text: string, message: FeedMessage): void {
    if (message.kind === 'snapshot') {
      keysOfSnapshot = trust
      snapshot = text
      changes = []
      heartbeat = null
    } else if (message.kind === 'change') {
      changes.push(text)
      // It spoke of the revision before, so a later start would refuse it; the change itself says when.
      heartbeat = null
    } else {
      heartbeat = text
      if (message.iat - heartbeatWrittenAt < options.heartbeatEverySeconds) return
      heartbeatWrittenAt = message.iat
    }
    for (const entry of message.entries) if (entry.kind === 'keys') trust = entry.keys
    schedule()
  }

  return {
    note,
    setTrust(keys) {
      trust = keys
    },
    needsSnapshot: () => changes.length >= STATE_MAX_CHANGES,
    async load() {
      const bytes = await options.files.read(STATE_FILE)
      const stored = bytes && parseStoredState(bytes)
      return stored?.issuer === issuer && stored.audience === audience ? stored : undefined
    },
    async flush() {
      if (timer === undefined) return writing
      clearTimeout(timer)
      timer = undefined
      return write()
    },
  }
}

export function trustOf(stored: StoredState): ReadonlyMap<string, KeyObject> {
  return buildKeys(stored.trust)
}

function parseStoredState(bytes: Uint8Array): StoredState | undefined {
  const value = parseJsonObject(bytes)
  if (value?.['version'] !== 1 || typeof value['snapshot'] !== 'string') return undefined
  const { trust, changes, heartbeat } = value
  if (!Array.isArray(trust) || !trust.every(isJsonObject) || !Array.isArray(changes) || !changes.every((change) => typeof change === 'string')) return undefined
  return heartbeat === null || typeof heartbeat === 'string' ? (value as unknown as StoredState) : undefined
}
