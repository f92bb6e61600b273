// Keeps the feed alive: the last good state from disk, then the stream after it, or a snapshot where that does not fit; comes back after each failure. Never decides anything.
import { buildBase64url, parseJsonObject } from '../../protocol/encoding.ts'
import type { FeedKey } from '../../protocol/feed/messages.ts'
import { FEED_MESSAGE_MAX_BYTES } from '../../protocol/feed/messages.ts'
import type { Clock } from '../../protocol/time.ts'
import type { StateLog } from '../../system/log.ts'
import { messageOf } from '../../system/message-of.ts'
import { FEED_CALL_MILLISECONDS, FEED_EVENT_MAX_BYTES, FEED_FIRST_ASK_MILLISECONDS, FEED_REFUSAL_MAX_BYTES, FEED_SILENCE_MILLISECONDS } from '../limits.ts'
import { AuthzAnswered, isRefusedByAuthzServer } from '../uma/authz-answered.ts'
import type { RefusalExplainer } from '../uma/explain-refusal.ts'
import { explainUnreachable } from '../uma/explain-unreachable.ts'
import type { ProtectedFetch } from '../uma/protected-fetch.ts'
import { explainPosition, explainRefusal, FeedDiffers, isForOperator } from './feed-fault.ts'
import type { FeedKeeper } from './feed-keeper.ts'
import { buildKeys } from './feed-state.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { readBounded } from './read-bounded.ts'
import { EventTooLong, readEvents } from './read-events.ts'
import { pause, retryMilliseconds } from './retry.ts'
import type { StateFile } from './state-file.ts'
import type { FeedRefusal, FeedRequest } from './verify-feed-message.ts'

export interface FeedClient {
  /** Reads the state file and asks the authz server, for at most FEED_FIRST_ASK_MILLISECONDS; then goes on by itself until `stop`. */
  start(): Promise<void>
  /** False until the authz server has answered or was found to be away, and while the state in force is known to be wrong. */
  readonly mayDecide: () => boolean
  stop(): Promise<void>
}

export interface FeedClientPorts {
  readonly issuer: string
  /** The sidecar's public origin. */
  readonly audience: string
  /** Says why the authz server refuses. */
  readonly explain: RefusalExplainer
  readonly keeper: FeedKeeper
  readonly stateFile: StateFile
  readonly issuerKeys: IssuerKeys
  readonly fetch: ProtectedFetch
  readonly clock: Clock
  readonly randomBytes: (count: number) => Uint8Array
  readonly notice: (text: string) => void
  /** Whether the stream is there. */
  readonly connection: StateLog
  /** The authz server has answered, or is away. */
  readonly onAsked: () => void
}

const NONCE_BYTES = 16
const CAUSES_REPORTED_MAX = 20

export function createFeedClient(ports: FeedClientPorts): FeedClient {
  const { keeper, stateFile } = ports
  const stopping = new AbortController()
  /** Why the next thing to take is a snapshot; empty for a reason that nobody need hear of. */
  let wantsSnapshot: string | undefined = ''
  let failures = 0
  /** Causes of the present outage that the log has. */
  const reported = new Set<string>()
  let differences = 0
  let running: Promise<void> = Promise.resolve()
  let hasAsked = false
  let wasRefused = false
  let isStateWrong = false
  let noteAsked: () => void = () => {}
  const asked = new Promise<void>((resolve) => {
    noteAsked = resolve
  })

  function settle(): void {
    if (hasAsked) return
    hasAsked = true
    noteAsked()
    ports.onAsked()
  }

  function take(text: string, answers: FeedRequest | undefined): FeedRefusal | undefined {
    const taken = keeper.take(text, { now: ports.clock(), answers })
    if (!taken.ok) return taken.error
    stateFile.note(text, taken.value)
    if (answers !== undefined) settle()
    return undefined
  }

  const createNonce = () => buildBase64url(ports.randomBytes(NONCE_BYTES))

  async function restore(): Promise<void> {
    const stored = await stateFile.load().catch(() => undefined)
    if (stored === undefined) return
    keeper.trust(buildKeys(stored.trust))
    stateFile.setTrust(stored.trust)
    const texts = [stored.snapshot, ...stored.changes, ...(stored.heartbeat === null ? [] : [stored.heartbeat])]
    const refusal = texts.map((text) => take(text, undefined)).find((answer) => answer !== undefined)
    if (refusal !== undefined) ports.notice(`part of the last good state on disk was not accepted: ${refusal}`)
    if (keeper.current() !== undefined && refusal === undefined) wantsSnapshot = undefined
  }

  async function learnKeys(signal: AbortSignal): Promise<boolean> {
    const keys: readonly FeedKey[] | undefined = await ports.issuerKeys.fetch(signal)
    if (keys === undefined) return false
    keeper.trust(buildKeys(keys))
    stateFile.setTrust(keys)
    return true
  }

  async function takeSnapshot(reason: string, signal: AbortSignal): Promise<void> {
    const before = keeper.current()
    if (before === undefined) await learnKeys(signal)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(FEED_CALL_MILLISECONDS)])
    const nonce = createNonce()
    const response = await ports.fetch(`/feed/snapshot?nonce=${nonce}`, { signal: limit })
    const text = Buffer.from(await readBounded(response, FEED_MESSAGE_MAX_BYTES))
      .toString('utf8')
      .trim()
    if (response.status !== 200) throw await refused('snapshot', response, text)
    const request: FeedRequest = { of: 'snapshot', nonce }
    let refusal = take(text, request)
    if (refusal === 'feed_key_unknown' && (await learnKeys(signal))) refusal = take(text, request)
    if (refusal !== undefined) throw explainRefusal(refusal, { text, issuer: ports.issuer, audience: ports.audience })
    wantsSnapshot = undefined
    isStateWrong = false
    if (before !== undefined && reason !== '') {
      ports.notice(`took a snapshot at revision ${keeper.current()?.revision}, after revision ${before.revision}: ${reason}`)
    }
  }

  async function follow(signal: AbortSignal): Promise<void> {
    const silence = new AbortController()
    let watchdog: NodeJS.Timeout | undefined
    const watch = (milliseconds: number): void => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => silence.abort(new Error('the stream is silent')), milliseconds)
    }
    watch(FEED_CALL_MILLISECONDS)
    const nonce = createNonce()
    try {
      for await (const text of openStream(nonce, AbortSignal.any([signal, silence.signal]))) {
        watch(FEED_SILENCE_MILLISECONDS)
        const refusal = take(text, { of: 'stream', nonce })
        if (refusal !== undefined) throw explainRefusal(refusal, { text, issuer: ports.issuer, audience: ports.audience })
        noteSuccess()
        if (!stateFile.needsSnapshot()) continue
        wantsSnapshot = ''
        return
      }
      throw new Error('the stream ended')
    } finally {
      clearTimeout(watchdog)
    }
  }

  /** The messages after the state in force. */
  async function* openStream(nonce: string, signal: AbortSignal): AsyncGenerator<string, void> {
    const { revision = 0, incarnation = '', digest = '' } = keeper.current() ?? {}
    const query = new URLSearchParams({ after: String(revision), incarnation, digest, nonce })
    const response = await ports.fetch(`/feed/stream?${query}`, { signal, headers: { accept: 'text/event-stream' } })
    try {
      if (response.status === 410) throw explainPosition(parseJsonObject(await readBounded(response, FEED_REFUSAL_MAX_BYTES)))
      if (response.status !== 200 || response.body === null) throw await refused('stream', response, await readBounded(response, FEED_REFUSAL_MAX_BYTES))
      yield* readEvents(response.body as unknown as AsyncIterable<Uint8Array>, FEED_EVENT_MAX_BYTES)
    } catch (cause) {
      throw cause instanceof EventTooLong ? new FeedDiffers('a change is too long for the stream', true) : cause
    } finally {
      await response.body?.cancel().catch(() => undefined)
    }
  }

  async function refused(what: string, response: Response, body: string | Uint8Array): Promise<AuthzAnswered> {
    const refusal = { status: response.status, date: response.headers.get('date'), body: parseJsonObject(body) }
    return new AuthzAnswered(`the authz server gave no ${what}: ${await ports.explain(refusal)}`, response.status)
  }

  /** The first cause of an outage, and each further one that the operator can correct. */
  function report(cause: unknown): void {
    const message = explainUnreachable(ports.issuer, cause, ports.clock()) ?? messageOf(cause)
    if (reported.size > 0 && isForOperator(cause) && !reported.has(message)) ports.notice(message)
    ports.connection.lost({ cause: message })
    if (reported.size < CAUSES_REPORTED_MAX) reported.add(message)
  }

  function noteSuccess(): void {
    reported.clear()
    failures = 0
    differences = 0
    ports.connection.back({ revision: keeper.current()?.revision })
  }

  async function attempt(signal: AbortSignal): Promise<void> {
    if (wantsSnapshot !== undefined) await takeSnapshot(wantsSnapshot, signal)
    await follow(signal)
  }

  async function onFailure(cause: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    if (cause instanceof FeedDiffers) {
      wantsSnapshot = cause.message
      isStateWrong ||= cause.isStateWrong
      differences += 1
      // The server is there: the first snapshot is taken at once.
      if (differences === 1) return
    } else if (isRefusedByAuthzServer(cause)) {
      // It is not away, so a state from disk stays unused; nothing more is to be waited for.
      wasRefused = true
      noteAsked()
    } else settle()
    report(cause)
    failures += 1
    await pause(retryMilliseconds(failures, ports.randomBytes(1)), signal)
  }

  async function run(): Promise<void> {
    const { signal } = stopping
    while (!signal.aborted) await attempt(signal).catch((cause: unknown) => onFailure(cause, signal))
  }

  return {
    mayDecide: () => hasAsked && !isStateWrong,
    async start() {
      await restore()
      running = run()
      const limit = setTimeout(() => (wasRefused ? undefined : settle()), FEED_FIRST_ASK_MILLISECONDS)
      // Without a state from disk there is nothing that the answer could replace.
      if (keeper.current() !== undefined) await asked
      asked.then(() => clearTimeout(limit), undefined)
    },
    async stop() {
      stopping.abort()
      settle()
      await running
      await stateFile.flush()
    },
  }
}
