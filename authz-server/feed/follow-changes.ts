// The stream of changes to one resource server: everything after a revision, then each change as it is committed, and a sign of life when there is none.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { FEED_HEARTBEAT_SECONDS, type FeedEntry } from '../../protocol/feed/messages.ts'
import type { Context } from '../context.ts'
import type { LoggedChange } from '../store/feed-log-repository.ts'
import { addressEntry } from './build-entries.ts'
import { signMessage } from './sign-message.ts'

const CHANGES_AT_ONCE = 100

export interface Following {
  readonly resourceServer: string
  readonly after: number
  /** The token that opened the stream: it ends with it. */
  readonly token: AccessTokenClaims
  /** Resolves once the text was taken off our hands: a reader that is slow slows us, and costs no memory. */
  readonly write: (text: string) => Promise<void>
  readonly gone: AbortSignal
}

/** Ends when the peer is gone, the server closes, or the token has expired or been revoked. */
export async function followChanges(context: Context, following: Following): Promise<void> {
  const ended = AbortSignal.any([following.gone, context.closing])
  let previous = following.after
  while (!ended.aborted && (await isStillAllowed(context, following.token))) {
    // Asked for before the log is read: a change in between wakes us at once.
    const wait = new AbortController()
    const change = context.changes.next(AbortSignal.any([ended, wait.signal]))
    const changes = await context.store.read.feedLog.listAfter(previous, CHANGES_AT_ONCE)
    // The log counts without a gap. What was forgotten since the stream began must not be passed over: the sidecar comes again and takes a snapshot.
    if (changes[0] !== undefined && changes[0].revision !== previous + 1) return wait.abort()
    for (const logged of changes) {
      const entries = await addressAll(context, { logged, resourceServer: following.resourceServer })
      await send(context, following, { kind: 'change', revision: logged.revision, previous, entries })
      previous = logged.revision
    }
    if (changes.length === 0) {
      const timer = setTimeout(() => wait.abort(), FEED_HEARTBEAT_SECONDS * 1000)
      await change
      clearTimeout(timer)
      if (wait.signal.aborted && !ended.aborted) await send(context, following, { kind: 'heartbeat', revision: previous, previous, entries: [] })
    }
    wait.abort()
  }
}

async function isStillAllowed(context: Context, token: AccessTokenClaims): Promise<boolean> {
  return token.exp > context.ports.clock() && !(await context.store.read.revocations.isRevoked(token))
}

/** An owner's policy concerns a resource server where the owner has something. */
async function addressAll(
  context: Context,
  { logged, resourceServer }: { readonly logged: LoggedChange; readonly resourceServer: string },
): Promise<readonly FeedEntry[]> {
  const entries: FeedEntry[] = []
  for (const entry of logged.entries) {
    const addressed = addressEntry(entry, resourceServer)
    if (addressed === undefined) continue
    if (addressed.kind === 'owner' && !(await context.store.read.resources.hasOwnerAt(addressed.owner, resourceServer))) continue
    entries.push(addressed)
  }
  return entries
}

async function send(
  context: Context,
  { resourceServer, write }: Following,
  content: { readonly kind: 'change' | 'heartbeat'; readonly revision: number; readonly previous: number; readonly entries: readonly FeedEntry[] },
): Promise<void> {
  await write(`data: ${signMessage(context, { resourceServer, content }, context.ports.clock())}\n\n`)
}
