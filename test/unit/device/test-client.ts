// A client of the SDK for tests: real HTTP, a clock that the test moves, and sleeps that only write down how long they would have taken.
import { randomBytes } from 'node:crypto'
import { type ClientConfig, type ClientPorts, createClient, createKey, createMemoryTokenStore, systemPorts } from '../../../device/index.ts'

export interface TestClientOptions extends Partial<ClientConfig> {
  readonly issuer: string
  readonly onSleep?: (seconds: number) => void
}

export function createTestClient(options: TestClientOptions) {
  const sleeps: number[] = []
  const time = { now: 1_700_000_000 }
  const store = options.store ?? createMemoryTokenStore()
  const ports: ClientPorts = {
    ...systemPorts(),
    randomBytes: (count) => randomBytes(count),
    clock: () => time.now,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted()
      sleeps.push(milliseconds / 1000)
      time.now += milliseconds / 1000
      options.onSleep?.(milliseconds / 1000)
      signal?.throwIfAborted()
    },
  }
  const { onSleep: _onSleep, ...config } = options
  const client = createClient({ clientId: 'device:guitar-0042', key: createKey(), resourceServers: [options.issuer], ...config, store }, ports)
  return { client, sleeps, time, store }
}
