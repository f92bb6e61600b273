// The tables as types. Times are epoch seconds; lists and objects are JSON text; secrets are stored as SHA-256 only.
import type { Generated } from 'kysely'

export interface Schema {
  people: PeopleTable
  sessions: SessionsTable
  devices: DevicesTable
  resources: ResourcesTable
  pairings: PairingsTable
  grants: GrantsTable
  refresh_tokens: RefreshTokensTable
  revocations: RevocationsTable
  tickets: TicketsTable
  access_requests: AccessRequestsTable
  policies: PoliciesTable
  policy_versions: PolicyVersionsTable
  artifacts: ArtifactsTable
  feed_log: FeedLogTable
  used_assertions: UsedAssertionsTable
  feed_identity: FeedIdentityTable
  device_history: DeviceHistoryTable
  password_resets: PasswordResetsTable
}

export interface PeopleTable {
  id: string
  email: string
  email_verified: number
  display_name: string
  password_hash: string
  created_at: number
  disabled_at: number | null
}

export interface SessionsTable {
  id_hash: string
  person_id: string
  csrf_token: string
  created_at: number
  last_seen_at: number
  expires_at: number
}

export interface DevicesTable {
  id: string
  kind: string
  model: string
  jkt: string
  status: 'imported' | 'active' | 'revoked'
  owner: string | null
  epoch: number
  imported_at: number
  activated_at: number | null
  paired_at: number | null
  revoked_at: number | null
  /** `id` in its one form: several spellings of a MAC address share it. */
  canonical_id: string | null
  /** Null for a device that is not revoked, or was revoked before this was recorded. */
  revoked_by: 'owner' | 'operator' | null
}

export interface ResourcesTable {
  id: string
  resource_server: string
  key: string
  name: string
  type: string
  tags: string
  scopes: string
  owner: string
  device_id: string | null
  created_at: number
}

export interface PairingsTable {
  id: string
  device_code_hash: string
  user_code_hash: string
  client_id: string
  device_id: string | null
  jkt: string
  jwk: string
  scope: string
  status: 'pending' | 'approved' | 'denied' | 'redeemed'
  person_id: string | null
  poll_interval_seconds: number
  last_poll_at: number | null
  address: string
  created_at: number
  expires_at: number
  /** Whose quota of waiting codes it counts against. */
  asked_by: 'device' | 'client' | 'public'
  /** When a signed-in person last typed its code, and who. */
  opened_at: number | null
  opened_by: string | null
  /** The device's epoch if this pairing gave it a new owner. */
  epoch_given: number | null
}

export interface GrantsTable {
  id: string
  client_id: string
  person_id: string
  device_id: string | null
  epoch: number | null
  jkt: string
  scope: string
  created_at: number
  revoked_at: number | null
}

export interface RefreshTokensTable {
  token_hash: string
  grant_id: string
  created_at: number
  expires_at: number
  used_at: number | null
}

export interface RevocationsTable {
  of: 'token' | 'grant'
  id: string
  expires_at: number
}

export interface TicketsTable {
  ticket_hash: string
  resource_server: string
  /** Null for a ticket that brings nothing. */
  owner: string | null
  /** JSON: PermissionRequest[]. */
  permissions: string
  /** The requester and client that the ticket now belongs to, once known. */
  requester: string | null
  client_id: string | null
  created_at: number
  expires_at: number
  used_at: number | null
}

export interface AccessRequestsTable {
  id: string
  owner: string
  requester: string
  requester_email: string
  client_id: string
  resource_id: string
  /** JSON: string[]. */
  scopes: string
  /** JSON: Reason[] of the `ask` decision, from which the approved share takes its limits. */
  reasons: string
  /** JSON: string[]. What the owner said yes to; the rest of `scopes` was answered with no. */
  granted_scopes: string
  status: 'pending' | 'approved' | 'denied' | 'closed'
  created_at: number
  expires_at: number
  decided_at: number | null
  /** Of a closed request: why nobody has to answer it any more, and the name that the thing had. */
  closed_reason: string | null
  thing_name: string | null
  once_until: number | null
  once_used_at: number | null
}

export interface PoliciesTable {
  owner: string
  revision: number
  text: string
  artifact: string
  saved_at: number
}

export interface PolicyVersionsTable {
  owner: string
  revision: number
  text: string
  artifact: string
  saved_at: number
}

export interface ArtifactsTable {
  digest: string
  wasm: Uint8Array
  created_at: number
}

export interface FeedLogTable {
  revision: Generated<number>
  /** JSON: FeedEntry[]. */
  entries: string
  created_at: number
  salt: string
  /** Of the log up to this change. */
  digest: string
}

/** One row. */
export interface FeedIdentityTable {
  id: number
  incarnation: string
}

export interface UsedAssertionsTable {
  id_hash: string
  used_at: number
  expires_at: number
}

export interface DeviceHistoryTable {
  id: Generated<number>
  device_id: string
  model: string
  event: 'paired' | 'revoked' | 'released'
  by: 'owner' | 'operator'
  /** Whose device it was at that moment. */
  person_id: string | null
  reason: string | null
  at: number
}

export interface PasswordResetsTable {
  token_hash: string
  person_id: string
  expires_at: number
}
