// What the authz server needs from outside: given by main.ts or by a test, never reached for.
import type { Clock } from '../protocol/time.ts'

export interface Log {
  info(event: string, facts?: Readonly<Record<string, unknown>>): void
  /** Something an operator should look at. Facts never hold tokens, codes, proofs or passwords. */
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void
  error(event: string, facts?: Readonly<Record<string, unknown>>): void
}

export interface Ports {
  readonly clock: Clock
  /** Milliseconds of a clock that never goes back; for durations alone: nonces, replay sets, limits. */
  readonly monotonic: () => number
  readonly randomBytes: (count: number) => Uint8Array
  readonly log: Log
}
