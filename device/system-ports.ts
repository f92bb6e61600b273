// The SDK's real ports: system clock, system randomness, timers, and an HTTP client that always checks certificates. The only impure file beside the stores.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { Agent, fetch as undiciFetch } from 'undici'
import type { ClientPorts } from './ports.ts'

/** Neither a variable of the environment nor a proxy setting can turn the certificate checks of this one off. */
const CHECKING_AGENT = () => new Agent({ connect: { rejectUnauthorized: true, timeout: 10_000 }, bodyTimeout: 0, headersTimeout: 60_000 })

export function systemPorts(): ClientPorts {
  const dispatcher = CHECKING_AGENT()
  const checkedFetch = (uri: string, init: object) => undiciFetch(uri, { ...init, dispatcher })
  return {
    fetch: checkedFetch as unknown as typeof fetch,
    clock: () => Math.floor(Date.now() / 1000),
    randomBytes: (count) => randomBytes(count),
    sleep: (milliseconds, signal) => sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal }),
  }
}
