// Why the stream or a snapshot cannot be gone on with, in words for the operator and for the client itself.
import { type JsonObject, parseBase64url, parseJsonObject } from '../../protocol/encoding.ts'
import { FEED_POSITION_REFUSALS, type FeedPositionRefusal } from '../../protocol/feed/messages.ts'
import { printable } from '../../protocol/oauth/printable.ts'
import { isRefusedByAuthzServer } from '../uma/authz-answered.ts'
import { KeysRefused } from './issuer-keys.ts'
import type { FeedRefusal } from './verify-feed-message.ts'

/** What is known does not fit what the authz server says: a snapshot is taken at once. */
export class FeedDiffers extends Error {
  override readonly name = 'FeedDiffers'
  /** The state in force is known to be wrong: until the snapshot is taken, nothing is decided by it. */
  readonly isStateWrong: boolean
  readonly isForOperator: boolean
  constructor(message: string, isStateWrong: boolean, isForOperator = false) {
    super(message)
    this.isStateWrong = isStateWrong
    this.isForOperator = isForOperator
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
export function explainPosition(body: JsonObject | undefined): FeedDiffers {
  const code = FEED_POSITION_REFUSALS.find((known) => known === body?.['error'])
  return new FeedDiffers(POSITION_WORDS[code ?? 'revision_unavailable'], true)
}

export interface RefusedMessage {
  /** Its signature is good where another issuer or audience is the reason. */
  readonly text: string
  readonly issuer: string
  readonly audience: string
}

export function explainRefusal(refusal: FeedRefusal, message: RefusedMessage): FeedDiffers {
  const words = explainNames(refusal, message) ?? REFUSAL_WORDS[refusal] ?? `a message was refused (${refusal})`
  return new FeedDiffers(words, MEANS_WRONG_STATE.includes(refusal), refusal === 'feed_audience' || refusal === 'feed_issuer')
}

function explainNames(refusal: FeedRefusal, { text, issuer, audience }: RefusedMessage): string | undefined {
  if (refusal !== 'feed_audience' && refusal !== 'feed_issuer') return undefined
  const payload = parseJsonObject(parseBase64url(text.split('.')[1] ?? '') ?? '')
  const theirs = payload?.[refusal === 'feed_audience' ? 'aud' : 'iss']
  const name = typeof theirs === 'string' ? printable(theirs) : 'nothing'
  if (refusal === 'feed_issuer')
    return `authz_server.issuer is "${issuer}", but the authz server there calls itself "${name}" (feed_issuer). Write that, or change the issuer of the authz server`
  return `public_origin is "${audience}", but the authz server has "${name}" as the resource server of this client (feed_audience). Make the two the same: public_origin here, or resource_servers.id in the authz server's configuration`
}

/** A cause that lasts until somebody changes a configuration or a clock. */
export function isForOperator(cause: unknown): boolean {
  return cause instanceof FeedDiffers ? cause.isForOperator : cause instanceof KeysRefused || isRefusedByAuthzServer(cause)
}
