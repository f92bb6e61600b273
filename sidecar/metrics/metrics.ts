// Counts what the sidecar does and tells it in Prometheus' text form. Plain numbers on the request's path; the library is asked when somebody reads.
import { Counter, Gauge, Registry } from 'prom-client'
import type { RequestRecord } from '../audit/audit-log.ts'

export interface Metrics {
  count(record: RequestRecord): void
  render(): Promise<string>
}

/** Read when somebody asks. */
export interface MetricSources {
  readonly openForwards: () => number
  readonly feedAgeSeconds: () => number
  readonly feedRevision: () => number
  readonly isReady: () => boolean
  readonly auditDropped: () => number
  readonly replayEntries: () => number
  readonly policiesLoaded: () => number
  readonly limitCounters: () => number
  readonly guardrailKills: () => number
  readonly isGuardrailQuarantined: () => boolean
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const counts = new Map<string, number>()

  new Counter({
    name: 'latchkey_sidecar_requests_total',
    help: 'Requests by status and reason; reason is "none" for requests without problems. Set alarms on policy_fault and guardrail_fault.',
    labelNames: ['status', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [key, count] of counts) {
        const [status = '', reason = ''] = key.split(' ')
        this.inc({ status, reason }, count)
      }
    },
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `latchkey_sidecar_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  gauge('open_forwards', 'Requests that are currently being forwarded.', sources.openForwards)
  gauge('feed_age_seconds', 'Age of the newest signed message from the authz server.', sources.feedAgeSeconds)
  gauge('feed_revision', 'Revision of the feed in force.', sources.feedRevision)
  gauge('ready', '1 if requests are decided, 0 if all get 503.', () => (sources.isReady() ? 1 : 0))
  gauge('audit_dropped_lines', 'Audit lines that were lost because their sink was slow or unavailable.', sources.auditDropped)
  gauge('replay_entries', 'Proofs remembered.', sources.replayEntries)
  gauge('policies_loaded', 'Policies in memory.', sources.policiesLoaded)
  gauge('limit_counters', 'Counters of limited shares in memory; beyond 100000, requests that need a new one get 503.', sources.limitCounters)
  gauge('guardrail_kills', 'Decisions of hand-written guardrails that were terminated at a limit.', sources.guardrailKills)
  gauge('guardrail_quarantined', '1 if the hand-written guardrails are quarantined, so that every request is denied until a restart or a reload.', () =>
    sources.isGuardrailQuarantined() ? 1 : 0,
  )

  return {
    count(record) {
      const key = `${record.status ?? 0} ${record.reason ?? 'none'}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    render: () => registry.metrics(),
  }
}
