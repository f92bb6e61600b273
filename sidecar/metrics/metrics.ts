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
    help: 'Requests by status and reason; reason is "none" where all went well. policy_fault and guardrail_fault are the alarms.',
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
  gauge('open_forwards', 'Requests being forwarded now.', sources.openForwards)
  gauge('feed_age_seconds', 'Age of the newest signed word from the authz server.', sources.feedAgeSeconds)
  gauge('feed_revision', 'Revision of the feed in force.', sources.feedRevision)
  gauge('ready', '1 if requests are decided, 0 if all are answered 503.', () => (sources.isReady() ? 1 : 0))
  gauge('audit_dropped_lines', 'Audit lines lost because their sink was slow or away.', sources.auditDropped)
  gauge('replay_entries', 'Proofs remembered.', sources.replayEntries)
  gauge('policies_loaded', 'Policies in memory.', sources.policiesLoaded)
  gauge('limit_counters', 'Counters of limited shares kept; at 100000 further ones are answered 503.', sources.limitCounters)
  gauge('guardrail_kills', 'Decisions of hand-written guardrails that were ended at a limit.', sources.guardrailKills)
  gauge('guardrail_quarantined', '1 if the hand-written guardrails were given up, so that everything is denied until a restart.', () =>
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
