// Keeps the feed alive: the last good state from disk, then a snapshot, then the stream; resumes after its revision, starts over on a gap. Never decides anything.
import type { FeedKey } from '../../protocol/feed/messages.ts'
import { FEED_MESSAGE_MAX_BYTES } from '../../protocol/feed/messages.ts'
import type { Clock } from '../../protocol/time.ts'
import type { StateLog } from '../../system/log.ts'
import { FEED_CALL_MILLISECONDS, FEED_RETRY_FIRST_MILLISECONDS, FEED_RETRY_MAX_MILLISECONDS, FEED_SILENCE_MILLISECONDS } from '../limits.ts'
import type { ProtectedFetch } from '../uma/protected-fetch.ts'
import type { FeedKeeper } from './feed-keeper.ts'
import { buildKeys } from './feed-state.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { readBounded } from './read-bounded.ts'
import { readEvents } from './read-events.ts'
import { type StateFile, trustOf } from './state-file.ts'
import type { FeedRefusal } from './verify-feed-message.ts'

export interface FeedClient {
  /** Reads the state file; then goes on by itself until `stop`. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface FeedClientPorts {
  readonly keeper: FeedKeeper
  readonly stateFile: StateFile
  readonly issuerKeys: IssuerKeys
  readonly fetch: ProtectedFetch
  readonly clock: Clock
  readonly randomBytes: (count: number) => Uint8Array
  readonly notice: (text: string) => void
  /** Whether the stream is there. */
  readonly connection: StateLog
}

/** Says why the stream or a snapshot is not to be gone on with. */
class FeedBroken extends Error {
  readonly startOver: boolean
  constructor(message: string, startOver = false) {
    super(message)
    this.startOver = startOver
  }
}

export function createFeedClient(ports: FeedClientPorts): FeedClient {
  const { keeper, stateFile } = ports
  const stopping = new AbortController()
  let wantsSnapshot = true
  let failures = 0
  let running: Promise<void> = Promise.resolve()

  function take(text: string): FeedRefusal | undefined {
    const taken = keeper.take(text, ports.clock())
    if (!taken.ok) return taken.error
    stateFile.note(text, taken.value)
    return undefined
  }

  async function restore(): Promise<void> {
    const stored = await stateFile.load().catch(() => undefined)
    if (stored === undefined) return
    keeper.trust(trustOf(stored))
    stateFile.setTrust(stored.trust)
    const texts = [stored.snapshot, ...stored.changes, ...(stored.heartbeat === null ? [] : [stored.heartbeat])]
    const refusal = texts.map(take).find((answer) => answer !== undefined)
    if (refusal !== undefined) ports.notice(`the last good state on disk was not taken whole: ${refusal}`)
    wantsSnapshot = keeper.current() === undefined || refusal !== undefined
  }

  async function learnKeys(signal: AbortSignal): Promise<boolean> {
    const keys: readonly FeedKey[] | undefined = await ports.issuerKeys.fetch(signal)
    if (keys === undefined) return false
    keeper.trust(buildKeys(keys))
    stateFile.setTrust(keys)
    return true
  }

  async function takeSnapshot(signal: AbortSignal): Promise<void> {
    if (keeper.current() === undefined && keeper.signedAt() === undefined) await learnKeys(signal)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(FEED_CALL_MILLISECONDS)])
    const response = await ports.fetch('/feed/snapshot', { signal: limit })
    const text = Buffer.from(await readBounded(response, FEED_MESSAGE_MAX_BYTES))
      .toString('utf8')
      .trim()
    if (response.status !== 200) throw new FeedBroken(`no snapshot: ${response.status}`)
    let refusal = take(text)
    if (refusal === 'feed_key_unknown' && (await learnKeys(signal))) refusal = take(text)
    if (refusal !== undefined) throw new FeedBroken(`snapshot refused: ${refusal}`, true)
    wantsSnapshot = false
  }

  async function follow(signal: AbortSignal): Promise<void> {
    const silence = new AbortController()
    const ended = AbortSignal.any([signal, silence.signal])
    let watchdog = setTimeout(() => silence.abort(new FeedBroken('the stream is silent')), FEED_CALL_MILLISECONDS)
    const response = await ports.fetch(`/feed/stream?after=${keeper.current()?.revision ?? 0}`, { signal: ended, headers: { accept: 'text/event-stream' } })
    try {
      if (response.status === 410) throw new FeedBroken('the stream cannot go on from here', true)
      if (response.status !== 200 || response.body === null) throw new FeedBroken(`no stream: ${response.status}`)
      for await (const text of readEvents(response.body as unknown as AsyncIterable<Uint8Array>)) {
        clearTimeout(watchdog)
        watchdog = setTimeout(() => silence.abort(new FeedBroken('the stream is silent')), FEED_SILENCE_MILLISECONDS)
        const refusal = take(text)
        if (refusal !== undefined) throw new FeedBroken(`message refused: ${refusal}`, true)
        if (stateFile.needsSnapshot()) await takeSnapshot(signal)
        failures = 0
        ports.connection.back({ revision: keeper.current()?.revision })
      }
      throw new FeedBroken('the stream ended')
    } finally {
      clearTimeout(watchdog)
      await response.body?.cancel().catch(() => undefined)
    }
  }

  async function attempt(signal: AbortSignal): Promise<void> {
    if (wantsSnapshot) await takeSnapshot(signal)
    await follow(signal)
  }

  async function onFailure(cause: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    if (cause instanceof FeedBroken && cause.startOver) wantsSnapshot = true
    ports.connection.lost({ cause: cause instanceof Error ? cause.message : 'unknown fault' })
    failures += 1
    await pause(retryMilliseconds(failures, ports.randomBytes(1)), signal)
  }

  async function run(): Promise<void> {
    const { signal } = stopping
    while (!signal.aborted) await attempt(signal).catch((cause: unknown) => onFailure(cause, signal))
  }

  return {
    async start() {
      await restore()
      running = run()
    },
    async stop() {
      stopping.abort()
      await running
      await stateFile.flush()
    },
  }
}

/** Doubles up to a limit; half of it by chance, so that many sidecars do not come back at one instant. */
function retryMilliseconds(failures: number, chance: Uint8Array): number {
  const full = Math.min(FEED_RETRY_MAX_MILLISECONDS, FEED_RETRY_FIRST_MILLISECONDS * 2 ** (failures - 1))
  return full * (0.5 + (chance[0] ?? 0) / 512)
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
  })
}
