// Counts what the authz server does, for Prometheus. Labels come from closed lists or from the configuration, never from a caller.
import type { ServerResponse } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Monitor {
  /** Counts the answer when it is done, under the endpoint as the route table writes it. */
  watchRequest(endpoint: { readonly method: string; readonly path: string }, response: ServerResponse): void
  tokenIssued(grantType: string): void
  /** Call what it gives when the stream has ended. */
  streamOpened(clientId: string): () => void
  /** An event of the log with the code of its reason. */
  noted(event: string, reason: string): void
  /** Call what it gives when the transaction has ended. */
  transactionStarted(): (outcome: TransactionOutcome) => void
  /** Call what it gives when the compiler has answered. */
  compileStarted(): () => void
  render(): Promise<string>
}

export type TransactionOutcome = 'committed' | 'busy' | 'failed'

/** Read when somebody asks for the metrics. */
export interface MonitorSources {
  readonly feedRevision: () => Promise<number>
  readonly pairingsPending: () => Promise<number>
  readonly isReady: () => Promise<boolean>
}

const LATENCY_BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const PREFIX = 'latchkey_authz_'

export function createMonitor(sources: MonitorSources, options: { readonly hasProcessMetrics: boolean }): Monitor {
  const registry = new Registry()
  const registers = [registry]
  // CPU, memory and the delay of the event loop, under the names that Node dashboards know.
  if (options.hasProcessMetrics) collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: `${PREFIX}requests_total`,
    help: 'Requests by endpoint, method and status. Status 0: the client disconnected before the response was complete.',
    labelNames: ['endpoint', 'method', 'status'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: `${PREFIX}request_seconds`,
    help: 'Time from the end of the request header to the end of the response, by endpoint. Feed streams last for minutes.',
    labelNames: ['endpoint'],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers,
  })
  const tokens = new Counter({
    name: `${PREFIX}tokens_issued_total`,
    help: 'Token responses by grant type. device_code: a pairing was completed.',
    labelNames: ['grant'],
    registers,
  })
  const refusals = new Counter({ name: `${PREFIX}refusals_total`, help: 'Refusals by event and reason.', labelNames: ['event', 'reason'], registers })
  const streams = new Gauge({ name: `${PREFIX}feed_streams`, help: 'Open feed streams, by client.', labelNames: ['client'], registers })
  const transactions = new Histogram({
    name: `${PREFIX}transaction_seconds`,
    help: 'Duration of write transactions, including the wait for their turn. outcome busy: another process kept the database locked.',
    labelNames: ['outcome'],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers,
  })
  const compiles = new Gauge({ name: `${PREFIX}compiles_waiting`, help: 'Rule sets that are being compiled or are waiting.', registers })
  new Gauge({
    name: `${PREFIX}feed_revision`,
    help: 'Newest revision of the feed. Sidecars report theirs as latchkey_sidecar_feed_revision.',
    registers,
    async collect() {
      this.set(await sources.feedRevision().catch(() => Number.NaN))
    },
  })
  new Gauge({
    name: `${PREFIX}pairings_pending`,
    help: 'Codes that have not been answered yet.',
    registers,
    async collect() {
      this.set(await sources.pairingsPending().catch(() => Number.NaN))
    },
  })
  new Gauge({
    name: `${PREFIX}ready`,
    help: '1 if the database responds and the server is not stopping, otherwise 0.',
    registers,
    async collect() {
      this.set((await sources.isReady().catch(() => false)) ? 1 : 0)
    },
  })

  return {
    watchRequest({ method, path }, response) {
      const end = requestSeconds.startTimer({ endpoint: path })
      response.once('close', () => {
        end()
        requests.inc({ endpoint: path, method, status: response.writableFinished ? response.statusCode : 0 })
      })
    },
    tokenIssued: (grantType) => tokens.inc({ grant: grantType.split(':').at(-1) ?? '' }),
    streamOpened(client) {
      streams.inc({ client })
      return () => streams.dec({ client })
    },
    noted: (event, reason) => refusals.inc({ event, reason }),
    transactionStarted() {
      const end = transactions.startTimer()
      return (outcome) => void end({ outcome })
    },
    compileStarted() {
      compiles.inc()
      return () => compiles.dec()
    },
    render: () => registry.metrics(),
  }
}
