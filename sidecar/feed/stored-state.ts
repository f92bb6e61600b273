// What the state file holds, and how its bytes are read: sealed by this sidecar, for this issuer and resource server, not an older copy. Pure.
import { isJsonObject } from '../../protocol/encoding.ts'
import type { FeedKey } from '../../protocol/feed/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { openSealed } from '../files/sealed-text.ts'

/** `trust`: the keys that the snapshot is verified with. */
export interface StoredState {
  readonly version: 2
  /** Grows by one with each write. */
  readonly generation: number
  readonly issuer: string
  readonly audience: string
  readonly trust: readonly FeedKey[]
  readonly snapshot: string
  readonly changes: readonly string[]
  readonly heartbeat: string | null
}

export type StoredStateRefusal =
  | 'written_by_an_earlier_version'
  | 'not_written_by_this_sidecar'
  | 'of_another_issuer_or_resource_server'
  | 'older_than_the_last_used'

export interface StoredStateExpectation {
  readonly key: Uint8Array
  readonly issuer: string
  readonly audience: string
  /** Of the last state that was written; undefined if that is not known. */
  readonly generation: number | undefined
}

/** Before version 2, the file was not sealed. */
const EARLIER_VERSION = '{"version":1,'
/** A process that was killed right after its first write has written no counter yet. */
const FIRST_GENERATION = 1

export function readStoredState(bytes: Uint8Array, expected: StoredStateExpectation): Result<StoredState, StoredStateRefusal> {
  const value = openSealed(bytes, expected.key)
  if (value === undefined || !isStoredState(value)) {
    const head = Buffer.from(bytes.subarray(0, EARLIER_VERSION.length)).toString('latin1')
    return err(head === EARLIER_VERSION ? 'written_by_an_earlier_version' : 'not_written_by_this_sidecar')
  }
  if (value.issuer !== expected.issuer || value.audience !== expected.audience) return err('of_another_issuer_or_resource_server')
  const isNewest = expected.generation === undefined ? value.generation === FIRST_GENERATION : value.generation >= expected.generation
  return isNewest ? ok(value) : err('older_than_the_last_used')
}

function isStoredState(value: unknown): value is StoredState {
  if (!isJsonObject(value)) return false
  const { version, generation, issuer, audience, trust, snapshot, changes, heartbeat } = value
  const hasTexts = [issuer, audience, snapshot].every((member) => typeof member === 'string')
  if (version !== 2 || !Number.isSafeInteger(generation) || !hasTexts) return false
  if (!Array.isArray(trust) || !trust.every(isJsonObject) || !Array.isArray(changes) || !changes.every((change) => typeof change === 'string')) return false
  return heartbeat === null || typeof heartbeat === 'string'
}

/** What to say about a state that is ignored. The authz server is asked for a snapshot in any case. */
export const STORED_STATE_REMEDIES: { readonly [refusal in StoredStateRefusal]: string } = {
  written_by_an_earlier_version: 'was written by an earlier version, which did not authenticate it',
  not_written_by_this_sidecar: "was not written with this sidecar's key, or was changed since",
  of_another_issuer_or_resource_server: 'belongs to another authz server or resource server',
  older_than_the_last_used: 'is older than the copy that was used last',
}
