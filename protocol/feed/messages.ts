// The feed: what the authz server tells a sidecar, signed, numbered and fresh. A snapshot and a change carry the same entries; applying is idempotent.
import type { PublicJwk, SignatureAlgorithm } from '../jwk.ts'
import type { EpochSeconds } from '../time.ts'

export const FEED_MESSAGE_TYPE = 'latchkey-feed+jwt'
/** A snapshot of many owners is one message. */
export const FEED_MESSAGE_MAX_BYTES = 64 * 1024 * 1024
/** How often a silent stream says that it is alive. */
export const FEED_HEARTBEAT_SECONDS = 5
/** 128 random bits at least; longer ones are refused. */
export const FEED_NONCE_MAX_CHARACTERS = 100
/** Scope that reads the feed and its artifacts. */
export const FEED_SCOPE = 'feed'

/** Why a stream cannot go on after a revision (410): the sidecar takes a snapshot. */
export const FEED_POSITION_REFUSALS = ['revision_unavailable', 'other_incarnation', 'other_log'] as const
export type FeedPositionRefusal = (typeof FEED_POSITION_REFUSALS)[number]

/** The owner's newest policy; `artifact` is the SHA-256 of the module, base64url. Null: this owner shares nothing. */
export interface OwnerEntry {
  readonly kind: 'owner'
  readonly owner: string
  readonly policy_revision: number
  readonly artifact: string | null
}

export interface ResourceEntry {
  readonly kind: 'resource'
  readonly id: string
  /** What the route's template yields, unique within one resource server. */
  readonly key: string
  readonly name: string
  readonly type: string
  readonly tags: readonly string[]
  readonly resource_scopes: readonly string[]
  readonly owner: string
  readonly device_id: string | null
}

export interface ResourceRemovedEntry {
  readonly kind: 'resource_removed'
  readonly id: string
}

/** `epoch` grows with each change of owner; tokens of an earlier one are refused. */
export interface DeviceEntry {
  readonly kind: 'device'
  readonly id: string
  readonly status: 'active' | 'revoked'
  readonly owner: string | null
  readonly epoch: number
}

/** Ends one token (`jti`) or all of one grant (`grant_id`). Kept until nothing it names can still be alive. */
export interface RevocationEntry {
  readonly kind: 'revocation'
  readonly of: 'token' | 'grant'
  readonly id: string
  readonly expires_at: EpochSeconds
}

/** All keys that tokens and feed messages may be signed with from now on. */
export interface KeysEntry {
  readonly kind: 'keys'
  readonly keys: readonly FeedKey[]
}

export type FeedKey = PublicJwk & { readonly kid: string; readonly alg: SignatureAlgorithm }

export type FeedEntry = OwnerEntry | ResourceEntry | ResourceRemovedEntry | DeviceEntry | RevocationEntry | KeysEntry

/** Payload of the JWS (`typ` FEED_MESSAGE_TYPE). A heartbeat has no entries and the newest revision. */
export interface FeedMessage {
  readonly iss: string
  /** The resource server's identifier. */
  readonly aud: string
  readonly iat: EpochSeconds
  readonly kind: 'snapshot' | 'change' | 'heartbeat'
  /** What the sidecar sent with the request that this message answers: an old message repeated by somebody else carries another one. */
  readonly nonce: string
  /** The database that speaks, as far as it concerns this resource server: another one after each restore. Sidecars compare it and do not read it. */
  readonly incarnation: string
  /** Grows by every change; goes back only with another incarnation. */
  readonly revision: number
  /** Of the log up to `revision`: two logs with one digest are one log. */
  readonly digest: string
  /** The revision that this message follows: another one at the sidecar means that it missed something. 0 in a snapshot. */
  readonly previous: number
  /** The digest at `previous`; empty in a snapshot. */
  readonly previous_digest: string
  readonly entries: readonly FeedEntry[]
}
