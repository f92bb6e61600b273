// A feed message as a JWS for one resource server, signed with the key that signs now.
import { FEED_MESSAGE_TYPE, type FeedMessage } from '../../protocol/feed/messages.ts'
import { signJws } from '../../protocol/jws.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildFeedIncarnation } from './feed-incarnation.ts'

export type FeedContent = Pick<FeedMessage, 'kind' | 'nonce' | 'revision' | 'digest' | 'previous' | 'previous_digest' | 'entries'>

export function signMessage(
  context: Context,
  { resourceServer, content }: { readonly resourceServer: string; readonly content: FeedContent },
  now: EpochSeconds,
): string {
  const incarnation = buildFeedIncarnation(context, resourceServer)
  const message: FeedMessage = { iss: context.config.issuer, aud: resourceServer, iat: now, incarnation, ...content }
  return signJws(context.keyring.active(), { typ: FEED_MESSAGE_TYPE, payload: message })
}
