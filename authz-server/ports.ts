// What the authz server needs from outside: given by main.ts or by a test, never reached for.
import type { Clock } from '../protocol/time.ts'
import type { Log } from '../system/log.ts'

export type { Log }

export interface Ports {
  readonly clock: Clock
  readonly randomBytes: (count: number) => Uint8Array
  readonly log: Log
}
