// The last good state on disk, as the signed messages it came from, sealed with a key of this sidecar's own, so that a start without the authz server can trust it.
import type { FeedKey, FeedMessage } from '../../protocol/feed/messages.ts'
import { messageOf } from '../../system/message-of.ts'
import { sealJson } from '../files/sealed-text.ts'
import { STATE_MAX_CHANGES, STATE_WRITE_DELAY_MILLISECONDS } from '../limits.ts'
import type { DataFiles } from '../ports.ts'
import { createStateCounter } from './state-counter.ts'
import { readStoredState, STORED_STATE_REMEDIES, type StoredState } from './stored-state.ts'

export const STATE_FILE = 'feed-state.json'

export interface StateFile {
  /** Undefined if there is none that can be trusted; then the reason is reported. */
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
  /** Seals the state, and its counter. */
  readonly keys: { readonly state: Uint8Array; readonly counter: Uint8Array }
  readonly issuer: string
  readonly audience: string
  readonly notice: (text: string) => void
  /** A heartbeat alone is written at most this often. */
  readonly heartbeatEverySeconds: number
}

export function createStateFile(options: StateFileOptions): StateFile {
  const { files, issuer, audience, keys } = options
  const counter = createStateCounter(files, keys.counter)
  let trust: readonly FeedKey[] = []
  let keysOfSnapshot: readonly FeedKey[] = []
  let generation = 0
  let snapshot = ''
  let changes: string[] = []
  let heartbeat: string | null = null
  let heartbeatWrittenAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      write().catch(() => undefined)
    }, STATE_WRITE_DELAY_MILLISECONDS)
  }

  function write(): Promise<void> {
    writing = writing.then(async () => {
      if (snapshot === '') return
      generation += 1
      const stored: StoredState = { version: 2, generation, issuer, audience, trust: keysOfSnapshot, snapshot, changes, heartbeat }
      try {
        await files.write(STATE_FILE, sealJson(stored, keys.state))
        // After the state: a process that is killed in between leaves a state that is newer than its counter, which is accepted.
        await counter.save(stored.generation)
      } catch (cause) {
        options.notice(`the last good state could not be written: ${messageOf(cause)}`)
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
      if (Math.abs(message.iat - heartbeatWrittenAt) < options.heartbeatEverySeconds) return
      heartbeatWrittenAt = message.iat
    }
    for (const entry of message.entries) if (entry.kind === 'keys') trust = entry.keys
    schedule()
  }

  async function load(): Promise<StoredState | undefined> {
    const known = await counter.load()
    generation = known ?? 0
    const bytes = await files.read(STATE_FILE).catch((cause: unknown) => {
      options.notice(`${STATE_FILE} is ignored: it ${cause instanceof Error ? cause.message : 'cannot be read'}`)
      return undefined
    })
    if (bytes === undefined) return undefined
    const stored = readStoredState(bytes, { key: keys.state, issuer, audience, generation: known })
    if (!stored.ok) {
      options.notice(`${STATE_FILE} is ignored: it ${STORED_STATE_REMEDIES[stored.error]}`)
      return undefined
    }
    generation = stored.value.generation
    return stored.value
  }

  return {
    load,
    note,
    setTrust(given) {
      trust = given
    },
    needsSnapshot: () => changes.length >= STATE_MAX_CHANGES,
    async flush() {
      if (timer === undefined) return writing
      clearTimeout(timer)
      timer = undefined
      return write()
    },
  }
}
