// How work on owners' rules can end: with an answer, with a limit that the text exceeds, or not at all.
import type { Result } from '../../protocol/result.ts'

/** The error is a sentence for the owner: which limit, and the remedy. */
export type RulesOutcome<Answer> = Result<Answer, string>

export interface Unavailability {
  readonly status: 429 | 500 | 503
  readonly waitSeconds?: number
  /** For the log and for developers. */
  readonly reason: string
  /** For the person; pages and APIs have a general sentence otherwise. */
  readonly description?: string
}

/** Thrown where nothing can be answered: too many wait, the person asked too often, or the thread failed. The endpoint's edge answers. */
export class RulesUnavailable extends Error {
  override readonly name = 'RulesUnavailable'
  readonly unavailability: Unavailability

  constructor(unavailability: Unavailability) {
    super(unavailability.reason)
    this.unavailability = unavailability
  }
}
