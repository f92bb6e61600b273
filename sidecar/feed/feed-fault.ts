// Why the stream or a snapshot cannot be gone on with, in words for the operator and for the client itself.
import { FEED_POSITION_REFUSALS, type FeedPositionRefusal } from '../../protocol/feed/messages.ts'
import { AuthzAnswered } from '../uma/authz-answered.ts'
import type { FeedRefusal } from './verify-feed-message.ts'

/** What is known does not fit what the authz server says: a snapshot is taken at once. */
export class FeedDiffers extends Error {
  override readonly name = 'FeedDiffers'
  /** The state in force is known to be wrong: until the snapshot is taken, nothing is decided by it. */
  readonly isStateWrong: boolean
  constructor(message: string, isStateWrong: boolean) {
    super(message)
    this.isStateWrong = isStateWrong
  }
}

const POSITION_WORDS: { readonly [refusal in FeedPositionRefusal]: string } = {
  other_incarnation: "the authz server's database is a different one than before: it was restored or replaced, or its device types were changed",
  other_log: "the authz server's log differs from the one followed so far: its database was restored",
  revision_unavailable: "the authz server's log no longer has, or does not yet have, the revision followed so far",
}

const MEANS_WRONG_STATE: readonly FeedRefusal[] = ['feed_other_incarnation', 'feed_other_log', 'feed_revision_went_back', 'feed_gap']

const REFUSAL_WORDS: { readonly [refusal in FeedRefusal]?: string } = {
  feed_other_incarnation: POSITION_WORDS.other_incarnation,
  feed_other_log: POSITION_WORDS.other_log,
  feed_revision_went_back: "the authz server's log went back: its database was restored",
  feed_gap: 'a change was missed',
  feed_not_fresh: 'a message answers another request, so it may be a replay',
  feed_from_the_future: "a message is more than a minute ahead of this machine's clock: set both clocks, e.g. by NTP",
}

/** The body of a 410. Unsigned, so it chooses among fixed words only. */
export function explainPosition(body: unknown): FeedDiffers {
  const code = FEED_POSITION_REFUSALS.find((known) => known === (body as { error?: unknown } | undefined)?.error)
  return new FeedDiffers(POSITION_WORDS[code ?? 'revision_unavailable'], true)
}

export function explainRefusal(refusal: FeedRefusal): FeedDiffers {
  return new FeedDiffers(REFUSAL_WORDS[refusal] ?? `a message was refused (${refusal})`, MEANS_WRONG_STATE.includes(refusal))
}

export function explainStatus(what: string, status: number): AuthzAnswered {
  return new AuthzAnswered(`the authz server gave no ${what}: status ${status}`, status)
}
