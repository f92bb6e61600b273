// What the authz server needs from outside: given by main.ts or by a test, never reached for.
import type { Clock } from '../protocol/time.ts'
import type { Log } from '../system/log.ts'

export type { Log }

export interface Ports {
  readonly clock: Clock
  /** Milliseconds of a clock that never goes back; for durations alone: nonces, replay sets, limits. */
  readonly monotonic: () => number
  readonly randomBytes: (count: number) => Uint8Array
  readonly log: Log
}
