// For operators' endpoints: what is not read is refused. A misspelt parameter must not be taken for its absence.
import type { Answer, Exchange } from '../http/exchange.ts'
import { refuseOAuth } from './refuse-oauth.ts'

export interface Taken {
  /** The one query parameter that is read. */
  readonly parameter?: string
  readonly body?: 'read'
}

/** What is not read is refused: a misspelt `dry_run` must not import, and a body must not look obeyed where none is read (attack row R04). */
export function refuseExtras({ query, body }: Exchange, taken: Taken): Answer | undefined {
  const names = [...query.keys()]
  if (names.length > 1 || names.some((name) => name !== taken.parameter))
    return refuseOAuth(
      'invalid_request',
      taken.parameter === undefined ? 'this endpoint does not accept a query' : `the query may contain only ${taken.parameter}, once`,
    )
  return taken.body === 'read' || body.length === 0 ? undefined : refuseOAuth('invalid_request', 'this endpoint does not accept a body')
}
