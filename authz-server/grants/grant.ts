// One way to get a token. The token endpoint has parsed the form, checked the proof and authenticated the client before a grant is asked.
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'

export interface Grant {
  /** The value of `grant_type` (RFC 6749 section 4.5). */
  readonly grantType: string
  readonly handle: (exchange: Exchange, context: Context) => Promise<Answer>
}
