// What a policy answers. The audit line, the pages, the command line and the requester's error all read this one shape (design 4.5).
import type { Obligation } from './obligations.ts'
import type { Reason } from './reasons.ts'

export type Effect = 'allow' | 'deny' | 'ask'

/** `once`: after an approval the owner need not be asked again. `each_time`: an approval covers one request. */
export type AskMode = 'once' | 'each_time'

export interface Decision {
  readonly effect: Effect
  /** With effect `ask` only. Left out: once. */
  readonly ask?: 'each_time'
  /** Every reason that led there, those of the deciding rule first. Near misses (a share that fits but for one condition) included. */
  readonly reasons: readonly Reason[]
  /** For allow and ask: the union over the deciding rules. */
  readonly obligations: readonly Obligation[]
}
