// A steady number of requests in flight against one address, from this process; counts what comes back whole and right. Bounded in time.
import { Client } from 'undici'

export interface Load {
  readonly origin: string
  readonly path: string
  readonly connections: number
  readonly seconds: number
  /** A flat list of names and values for each request: made before the clock starts, each used once. Undefined: no more. */
  readonly nextHeaders: () => string[] | undefined
}

export interface LoadResult {
  readonly requestsPerSecond: number
  /** Milliseconds of each request. */
  readonly latencies: readonly number[]
  readonly failures: number
}

export async function runLoad(load: Load): Promise<LoadResult> {
  const latencies: number[] = []
  let failures = 0
  const started = performance.now()
  const end = started + load.seconds * 1000

  async function runConnection(): Promise<void> {
    const client = new Client(load.origin, { pipelining: 1 })
    while (performance.now() < end) {
      const headers = load.nextHeaders()
      if (headers === undefined) break
      const sent = performance.now()
      const { statusCode, body } = await client.request({ path: load.path, method: 'GET', headers })
      await body.dump()
      if (statusCode === 200) latencies.push(performance.now() - sent)
      else failures += 1
    }
    await client.close()
  }

  await Promise.all(Array.from({ length: load.connections }, runConnection))
  return { requestsPerSecond: (latencies.length * 1000) / (performance.now() - started), latencies, failures }
}
