// One line of JSON for each request: who, what, the response and why. Never a token, a proof, a query or a body; never waits.
import type { Decision } from '../../policies/contract/decision.ts'
import type { Reason } from '../../policies/contract/reasons.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Peer } from '../../system/http/peer.ts'
import type { Findings } from '../enforcement/verdict.ts'
import type { LineSink } from '../ports.ts'
import type { RefusalReason } from '../refuse/refusal.ts'

/** What is found out about a request; the line is built from it at the end. */
export interface RequestRecord extends Findings {
  readonly requestId: string
  readonly at: EpochSeconds
  readonly peer: Peer
  method?: string
  /** Canonical, as route, policy and upstream saw it. */
  path?: string
  /** Digest of the owner's policy that decided. */
  policy?: string | null
  /** Its reasons, the deciding one first. */
  reasons?: readonly Reason[]
  /** Why it was refused, failed, or was cut. Absent if all went well. */
  reason?: RefusalReason | 'client_gone'
  status?: number
  /** What the caller said the data are for. */
  purpose?: string
  /** Shares whose owner wants to know about this request. */
  notify?: readonly string[]
  /** The request went to the upstream. */
  forwarded?: true
  /** It was allowed, then ended by the sidecar: revoked, expired, or no longer within the rules. */
  cut?: true
  /** How long it took, from its head to the end of the response. */
  durationMilliseconds?: number
  /** Bytes that the caller's connection carried meanwhile, heads included. */
  bytesIn?: number
  bytesOut?: number
}

/** Takes over what a permit or a refusal says about the policy that decided. A later verdict replaces an earlier one whole. */
export function noteDecision(record: RequestRecord, { policy, decision }: { readonly policy?: string | null; readonly decision?: Decision }): void {
  record.policy = policy ?? null
  record.reasons = decision?.reasons ?? []
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
  const { claims, reasons } = record
  const [deciding] = reasons ?? []
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
    share: deciding?.rule,
    line: deciding?.line,
    decision: reasons?.length ? reasons.map((reason) => reason.code) : undefined,
    purpose: record.purpose,
    notify: record.notify,
    duration_ms: record.durationMilliseconds,
    bytes_in: record.bytesIn,
    bytes_out: record.bytesOut,
  })}\n`
}

function outcomeOf(record: RequestRecord): 'allowed' | 'cut' | 'failed' | 'refused' {
  if (record.cut) return 'cut'
  if (record.reason === undefined) return 'allowed'
  return record.forwarded ? 'failed' : 'refused'
}
