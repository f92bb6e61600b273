// One line of JSON for each request: who, what, the answer and why. Never a token, a proof, a query or a body; never waits.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Peer } from '../../system/http/peer.ts'
import type { LineSink } from '../ports.ts'
import type { RefusalReason } from '../refuse/refusal.ts'

/** What is learnt of a request on its way; the line is made of it at the end. */
export interface RequestRecord {
  readonly requestId: string
  readonly at: EpochSeconds
  readonly peer: Peer
  method?: string
  /** Canonical, as route, policy and upstream saw it. */
  path?: string
  route?: string
  claims?: AccessTokenClaims
  resource?: string
  scope?: string
  /** Digest of the policy that decided. */
  policy?: string | null
  /** Reason codes of the decision, the deciding one first. */
  decision?: readonly string[]
  /** Why it was refused, failed, or was cut. Absent if all went well. */
  reason?: RefusalReason | 'client_gone'
  status?: number
  /** What the caller said the data are for. */
  purpose?: string
  /** Rules whose owner is to be told of this request. */
  notify?: readonly string[]
  /** The request went to the upstream. */
  forwarded?: true
  /** It was allowed, then ended by the sidecar: revoked, expired, or no longer within the rules. */
  cut?: true
}

export interface AuditLog {
  write(record: RequestRecord): void
  /** Lines lost because the sink was slow or away. */
  readonly dropped: () => number
}

export function createAuditLog(sink: LineSink): AuditLog {
  let dropped = 0
  return {
    dropped: () => dropped,
    write(record) {
      if (!sink(buildLine(record))) dropped += 1
    },
  }
}

function buildLine(record: RequestRecord): string {
  const { claims } = record
  return `${JSON.stringify({
    time: new Date(record.at * 1000).toISOString(),
    request_id: record.requestId,
    outcome: outcomeOf(record),
    reason: record.reason,
    status: record.status,
    ip: record.peer.address,
    method: record.method,
    path: record.path,
    route: record.route,
    resource: record.resource,
    scope: record.scope,
    sub: claims?.sub,
    client_id: claims?.client_id,
    device_id: claims?.device_id,
    jkt: claims?.cnf.jkt,
    policy: record.policy ?? undefined,
    decision: record.decision,
    purpose: record.purpose,
    notify: record.notify,
  })}\n`
}

function outcomeOf(record: RequestRecord): 'allowed' | 'cut' | 'failed' | 'refused' {
  if (record.cut) return 'cut'
  if (record.reason === undefined) return 'allowed'
  return record.forwarded ? 'failed' : 'refused'
}
