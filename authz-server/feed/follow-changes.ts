// The stream of changes to one resource server: everything after a revision, then each change as it is committed, and a heartbeat when there is none.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { FEED_HEARTBEAT_SECONDS } from '../../protocol/feed/messages.ts'
import type { Context } from '../context.ts'
import type { LogPosition } from '../store/feed-log-repository.ts'
import { addressEntries } from './address-entries.ts'
import { type FeedContent, signMessage } from './sign-message.ts'

const CHANGES_AT_ONCE = 100

export interface Following {
  readonly resourceServer: string
  /** In the log: the last message that the sidecar knows. */
  readonly after: LogPosition
  /** Comes back in each message, so that the sidecar knows it for an answer to this request. */
  readonly nonce: string
  /** The token that opened the stream: it ends with it. */
  readonly token: AccessTokenClaims
  /** Resolves once the text was taken off our hands: a reader that is slow slows us, and costs no memory. */
  readonly write: (text: string) => Promise<void>
  readonly gone: AbortSignal
}

/** Ends when the peer is gone, the server closes, or the token has expired or been revoked. The first message comes at once. */
export async function followChanges(context: Context, following: Following): Promise<void> {
  const ended = AbortSignal.any([following.gone, context.closing])
  let at = following.after
  // At once: it tells the sidecar that what it knows is of this database, as of now.
  await send(context, following, buildHeartbeat(at))
  while (!ended.aborted && (await isStillAllowed(context, following.token))) {
    // Asked for before the log is read: a change in between wakes us at once.
    const wait = new AbortController()
    const change = context.changes.next(AbortSignal.any([ended, wait.signal]))
    const changes = await context.store.read.feedLog.listAfter(at.revision, CHANGES_AT_ONCE)
    // The log counts without a gap. What was forgotten since the stream began must not be passed over: the sidecar comes again and takes a snapshot.
    if (changes[0] !== undefined && changes[0].revision !== at.revision + 1) return wait.abort()
    for (const { revision, digest, entries } of changes) {
      const content = { revision, digest, entries: await addressEntries(context, entries, following.resourceServer) }
      await send(context, following, { kind: 'change', previous: at.revision, previous_digest: at.digest, ...content })
      at = { revision, digest }
    }
    if (changes.length === 0) {
      const timer = setTimeout(() => wait.abort(), FEED_HEARTBEAT_SECONDS * 1000)
      await change
      clearTimeout(timer)
      if (wait.signal.aborted && !ended.aborted) await send(context, following, buildHeartbeat(at))
    }
    wait.abort()
  }
}

function buildHeartbeat({ revision, digest }: LogPosition): Omit<FeedContent, 'nonce'> {
  return { kind: 'heartbeat', revision, digest, previous: revision, previous_digest: digest, entries: [] }
}

async function isStillAllowed(context: Context, token: AccessTokenClaims): Promise<boolean> {
  return token.exp > context.ports.clock() && !(await context.store.read.revocations.isRevoked(token))
}

async function send(context: Context, { resourceServer, nonce, write }: Following, content: Omit<FeedContent, 'nonce'>): Promise<void> {
  await write(`data: ${signMessage(context, { resourceServer, content: { ...content, nonce } }, context.ports.clock())}\n\n`)
}
