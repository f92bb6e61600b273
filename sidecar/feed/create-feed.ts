// Wires the feed: keeper, client, state file and policies; says whether its state is fresh enough to decide by.
import type { FeedMessage } from '../../protocol/feed/messages.ts'
import { type EpochSeconds, readMonotonic } from '../../protocol/time.ts'
import type { SidecarConfig } from '../config/sidecar-config.ts'
import { deriveSealKey } from '../files/sealed-text.ts'
import { ARTIFACT_MAX_BYTES, FEED_CALL_MILLISECONDS, POLICIES_LOADED_AHEAD_AT_ONCE } from '../limits.ts'
import { createFeedState, logOf } from '../logging.ts'
import type { SidecarPorts } from '../ports.ts'
import type { RefusalExplainer } from '../uma/explain-refusal.ts'
import type { ProtectedFetch } from '../uma/protected-fetch.ts'
import { createFeedClient } from './feed-client.ts'
import { createFeedKeeper } from './feed-keeper.ts'
import type { FeedState } from './feed-state.ts'
import { ageOf, isClockPlausible, secondsBehind } from './freshness.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import { createPolicyStore, type PolicyStore } from './policy-store.ts'
import { readBounded } from './read-bounded.ts'
import { createStateFile } from './state-file.ts'
import { createTurns } from './turns.ts'

export interface Feed {
  /**
   * The state in force. Undefined if there is none, if its newest message is older than the configured age, if the authz server was not
   * asked yet whether it is the newest, or if this machine's clock cannot be believed.
   */
  stateAt(now: EpochSeconds): FeedState | undefined
  ageAt(now: EpochSeconds): number | undefined
  readonly revision: () => number
  readonly policies: PolicyStore
  whenReady(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface FeedOptions {
  readonly config: SidecarConfig
  readonly ports: SidecarPorts
  readonly fetch: ProtectedFetch
  /** Says why the authz server refuses. */
  readonly explain: RefusalExplainer
  /** After each change: something that was allowed may not be any more. */
  readonly onChange: () => void
}

export function createFeed({ config, ports, fetch, explain, onChange }: FeedOptions): Feed {
  const issuer = config.authz_server.issuer
  const audience = config.public_origin
  const maxAge = config.feed.max_age_seconds
  const waiting: (() => void)[] = []
  let usedBy: { readonly owners: FeedState['owners'] | undefined; readonly digests: ReadonlySet<string | null> } = { owners: undefined, digests: new Set() }

  async function fetchArtifact(digest: string): Promise<Uint8Array> {
    const response = await fetch(`/artifacts/${digest}`, { signal: AbortSignal.timeout(FEED_CALL_MILLISECONDS) })
    const bytes = await readBounded(response, ARTIFACT_MAX_BYTES)
    if (response.status !== 200) throw new Error(`the authz server gave no artifact: ${response.status}`)
    return bytes
  }

  /** By the state in force when it is asked: a change may come while files are removed. */
  function isUsed(digest: string): boolean {
    const owners = keeper.current()?.owners
    if (owners !== usedBy.owners) usedBy = { owners, digests: new Set([...(owners?.values() ?? [])].map((owner) => owner.artifact)) }
    return usedBy.digests.has(digest)
  }

  const policies = createPolicyStore({ files: ports.files, fetchArtifact, loadPolicy: ports.loadPolicy })

  const loadAhead = createTurns(POLICIES_LOADED_AHEAD_AT_ONCE, (digest) =>
    policies.load(digest).then(onChange, () => ports.notice('a policy could not be loaded')),
  )

  /** A policy that changed is loaded before somebody asks for it; one that nobody asked for yet can wait. */
  function onFeedChange(message: FeedMessage): void {
    if (message.kind === 'change') {
      for (const entry of message.entries) {
        if (entry.kind === 'owner' && entry.artifact !== null) loadAhead(entry.artifact)
      }
    } else {
      policies.sweep(isUsed).catch(() => ports.notice('old policies could not be removed'))
    }
    onChange()
  }

  function wakeWaiting(): void {
    for (const resolve of waiting.splice(0)) resolve()
  }

  const keeper = createFeedKeeper({
    issuer,
    audience,
    monotonic: ports.monotonic,
    onChange: (_state, message) => onFeedChange(message),
    onWord: wakeWaiting,
  })
  const stateFile = createStateFile({
    files: ports.files,
    keys: { state: deriveSealKey(ports.key, 'feed-state'), counter: deriveSealKey(ports.key, 'feed-counter') },
    issuer,
    audience,
    notice: ports.notice,
    heartbeatEverySeconds: Math.max(1, Math.floor(maxAge / 10)),
  })
  const issuerKeys = createIssuerKeys({ issuer, explain, fetch: ports.fetch, monotonic: ports.monotonic })
  const connection = createFeedState(logOf(ports))
  const client = createFeedClient({ ...ports, issuer, audience, explain, connection, keeper, stateFile, issuerKeys, fetch, onAsked: wakeWaiting })

  let wasPlausible = true

  function reportClock(isPlausible: boolean, behindSeconds: number): void {
    wasPlausible = isPlausible
    const lead = `the clock of this machine is ${behindSeconds} s behind the authz server's`
    ports.notice(isPlausible ? 'the clock of this machine is correct again' : `${lead}: all requests are refused until it is set, e.g. by NTP`)
  }

  function ageAt(now: EpochSeconds): number | undefined {
    const heard = keeper.heard()
    return heard && ageOf(heard, now, readMonotonic(ports.monotonic))
  }

  function stateAt(now: EpochSeconds): FeedState | undefined {
    const heard = keeper.heard()
    if (heard === undefined || !client.mayDecide()) return undefined
    const monotonicNow = readMonotonic(ports.monotonic)
    const isPlausible = isClockPlausible(heard, now, monotonicNow)
    if (isPlausible !== wasPlausible) reportClock(isPlausible, secondsBehind(heard, now, monotonicNow))
    return isPlausible && ageOf(heard, now, monotonicNow) <= maxAge ? keeper.current() : undefined
  }

  return {
    stateAt,
    ageAt,
    revision: () => keeper.current()?.revision ?? 0,
    policies,
    async whenReady() {
      while (stateAt(ports.clock()) === undefined) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    start: client.start,
    stop: client.stop,
  }
}
