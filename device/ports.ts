// What the SDK needs from the outside. Holds no implementation: `system-ports.ts` has the real one, tests bring their own.
import type { ProvingFetchPorts } from '../protocol/dpop/proving-fetch.ts'

export interface ClientPorts extends ProvingFetchPorts {
  /** Ends after that time, or rejects with the signal's reason as soon as it is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}
