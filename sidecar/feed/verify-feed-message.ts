// Reads one signed message of the feed: signature by a known key, type, issuer, audience, nonce, shape. Does not apply it.
import type { KeyObject } from 'node:crypto'
import { isJsonObject, type JsonObject, parseBase64url, parseJsonObject } from '../../protocol/encoding.ts'
import { FEED_MESSAGE_MAX_BYTES, FEED_MESSAGE_TYPE, type FeedMessage } from '../../protocol/feed/messages.ts'
import { isThumbprint } from '../../protocol/jwk.ts'
import { isSignedBy, parseJws } from '../../protocol/jws.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { FEED_AHEAD_SECONDS } from '../limits.ts'
import type { FeedPosition } from './feed-state.ts'

export type FeedRefusal =
  | 'feed_malformed'
  | 'feed_type'
  | 'feed_key_unknown'
  | 'feed_signature'
  | 'feed_issuer'
  | 'feed_audience'
  | 'feed_not_fresh'
  | 'feed_unexpected_kind'
  | 'feed_from_the_future'
  | 'feed_other_incarnation'
  | 'feed_other_log'
  | 'feed_revision_went_back'
  | 'feed_gap'

export interface FeedExpectation {
  readonly issuer: string
  readonly audience: string
  readonly keys: ReadonlyMap<string, KeyObject>
  /** The request that the message answers. Undefined for a message from the state file, which vouches for it. */
  readonly answers: FeedRequest | undefined
}

/** A snapshot answers one request; a stream brings changes and heartbeats, and never a snapshot. */
export interface FeedRequest {
  readonly of: 'snapshot' | 'stream'
  readonly nonce: string
}

/** `typ`, `alg` and `kid` need far less. */
const HEADER_MAX_CHARACTERS = 1024
/** 64 bytes, for ES256 and Ed25519 alike. */
const SIGNATURE_CHARACTERS = 86

/** The payload is read once the signature is good: bytes of strangers cost one hash at most. */
export function verifyFeedMessage(text: string, expected: FeedExpectation, now: EpochSeconds): Result<FeedMessage, FeedRefusal> {
  const signed = verifySignature(text, expected.keys)
  if (!signed.ok) return signed
  const message = signed.value
  if (message['iss'] !== expected.issuer) return err('feed_issuer')
  if (message['aud'] !== expected.audience) return err('feed_audience')
  if (!isFeedMessage(message)) return err('feed_malformed')
  const { answers } = expected
  if (answers !== undefined && message.nonce !== answers.nonce) return err('feed_not_fresh')
  if (answers !== undefined && (message.kind === 'snapshot') !== (answers.of === 'snapshot')) return err('feed_unexpected_kind')
  return message.iat > now + FEED_AHEAD_SECONDS ? err('feed_from_the_future') : ok(message)
}

function verifySignature(text: string, keys: ReadonlyMap<string, KeyObject>): Result<JsonObject, FeedRefusal> {
  const headerEnd = text.indexOf('.')
  const payloadEnd = text.length - SIGNATURE_CHARACTERS - 1
  const hasShape = headerEnd > 0 && headerEnd <= HEADER_MAX_CHARACTERS && payloadEnd > headerEnd && text[payloadEnd] === '.'
  if (!hasShape || text.length > FEED_MESSAGE_MAX_BYTES) return err('feed_malformed')
  // The same reader as for tokens, given an empty payload: what it accepts as a header is accepted here.
  const head = parseJws(`${text.slice(0, headerEnd)}.e30${text.slice(payloadEnd)}`)
  if (!head.ok) return err('feed_malformed')
  if (head.value.typ !== FEED_MESSAGE_TYPE) return err('feed_type')
  const key = head.value.kid === undefined ? undefined : keys.get(head.value.kid)
  if (key === undefined) return err('feed_key_unknown')
  if (!isSignedBy({ ...head.value, signingInput: text.slice(0, payloadEnd) }, key)) return err('feed_signature')
  const bytes = parseBase64url(text.slice(headerEnd + 1, payloadEnd))
  const payload = bytes && parseJsonObject(bytes)
  return payload === undefined ? err('feed_malformed') : ok(payload)
}

/**
 * What follows what: a change follows exactly the state in force, in the same log of the same database; a heartbeat speaks of that state.
 * A snapshot starts over, whatever was before, because its nonce proves that it is the newest: a restored database may be at an earlier revision.
 */
export function checkSequence(message: FeedMessage, state: FeedPosition | undefined): Result<void, FeedRefusal> {
  if (message.kind === 'snapshot') return ok()
  // A change before any snapshot has nothing to change.
  if (state === undefined) return err('feed_gap')
  if (message.incarnation !== state.incarnation) return err('feed_other_incarnation')
  if (message.revision < state.revision) return err('feed_revision_went_back')
  const follows = message.kind === 'heartbeat' ? message.revision : message.previous
  if (follows !== state.revision) return err('feed_gap')
  const digest = message.kind === 'heartbeat' ? message.digest : message.previous_digest
  return digest === state.digest ? ok() : err('feed_other_log')
}

function isFeedMessage(value: JsonObject): value is JsonObject & FeedMessage {
  const { kind, entries } = value
  if (kind !== 'snapshot' && kind !== 'change' && kind !== 'heartbeat') return false
  if (!isCount(value['iat']) || !isCount(value['revision']) || !isCount(value['previous'])) return false
  if (!isText(value['incarnation']) || !isText(value['digest'])) return false
  if (typeof value['nonce'] !== 'string' || typeof value['previous_digest'] !== 'string') return false
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
