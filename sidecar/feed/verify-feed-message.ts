// Reads one signed message of the feed: signature by a known key, type, issuer, audience, shape. Does not apply it.
import type { KeyObject } from 'node:crypto'
import { isJsonObject, type JsonObject } from '../../protocol/encoding.ts'
import { FEED_MESSAGE_MAX_BYTES, FEED_MESSAGE_TYPE, type FeedMessage } from '../../protocol/feed/messages.ts'
import { isThumbprint } from '../../protocol/jwk.ts'
import { isSignedBy, parseJws } from '../../protocol/jws.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { FEED_AHEAD_SECONDS } from '../limits.ts'

export type FeedRefusal =
  | 'feed_malformed'
  | 'feed_type'
  | 'feed_key_unknown'
  | 'feed_signature'
  | 'feed_issuer'
  | 'feed_audience'
  | 'feed_from_the_future'
  | 'feed_revision_went_back'
  | 'feed_gap'

export interface FeedExpectation {
  readonly issuer: string
  readonly audience: string
  readonly keys: ReadonlyMap<string, KeyObject>
}

export function verifyFeedMessage(text: string, expected: FeedExpectation, now: EpochSeconds): Result<FeedMessage, FeedRefusal> {
  const jws = parseJws(text, FEED_MESSAGE_MAX_BYTES)
  if (!jws.ok) return err('feed_malformed')
  if (jws.value.typ !== FEED_MESSAGE_TYPE) return err('feed_type')
  const key = jws.value.kid === undefined ? undefined : expected.keys.get(jws.value.kid)
  if (key === undefined) return err('feed_key_unknown')
  if (!isSignedBy(jws.value, key)) return err('feed_signature')
  const message = jws.value.payload
  if (message['iss'] !== expected.issuer) return err('feed_issuer')
  if (message['aud'] !== expected.audience) return err('feed_audience')
  if (!isFeedMessage(message)) return err('feed_malformed')
  return message.iat > now + FEED_AHEAD_SECONDS ? err('feed_from_the_future') : ok(message)
}

/** What follows what: a revision never goes back, and a change follows exactly the revision that is in force. */
export function checkSequence(message: FeedMessage, revision: number): Result<void, FeedRefusal> {
  if (message.revision < revision) return err('feed_revision_went_back')
  if (message.kind === 'snapshot') return ok()
  if (message.kind === 'heartbeat') return message.revision === revision ? ok() : err('feed_gap')
  return message.previous === revision ? ok() : err('feed_gap')
}

function isFeedMessage(value: JsonObject): value is JsonObject & FeedMessage {
  const { kind, entries } = value
  if (kind !== 'snapshot' && kind !== 'change' && kind !== 'heartbeat') return false
  if (!isCount(value['iat']) || !isCount(value['revision']) || !isCount(value['previous'])) return false
  return Array.isArray(entries) && entries.every(isEntry) && (kind !== 'heartbeat' || entries.length === 0)
}

type Check = (entry: JsonObject) => boolean

/** One check for each kind of entry; an unknown kind is a message that we do not understand, so it is refused as a whole. */
const ENTRY_CHECKS: ReadonlyMap<unknown, Check> = new Map<string, Check>([
  ['owner', (entry) => isText(entry['owner']) && isCount(entry['policy_revision']) && (entry['artifact'] === null || isThumbprint(entry['artifact']))],
  ['resource', isResourceEntry],
  ['resource_removed', (entry) => isText(entry['id'])],
  ['device', isDeviceEntry],
  ['revocation', (entry) => (entry['of'] === 'token' || entry['of'] === 'grant') && isText(entry['id']) && isCount(entry['expires_at'])],
  ['keys', (entry) => Array.isArray(entry['keys']) && entry['keys'].length > 0 && entry['keys'].every((key) => isJsonObject(key) && isText(key['kid']))],
])

function isEntry(value: unknown): boolean {
  return isJsonObject(value) && (ENTRY_CHECKS.get(value['kind'])?.(value) ?? false)
}

function isResourceEntry(entry: JsonObject): boolean {
  const texts = ['id', 'key', 'name', 'type', 'owner'].every((member) => isText(entry[member]))
  return texts && isTexts(entry['tags']) && isTexts(entry['resource_scopes']) && isTextOrNull(entry['device_id'])
}

function isDeviceEntry(entry: JsonObject): boolean {
  const isStatus = entry['status'] === 'active' || entry['status'] === 'revoked'
  return isStatus && isText(entry['id']) && isTextOrNull(entry['owner']) && isCount(entry['epoch'])
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
