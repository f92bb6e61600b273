// A form that changes something must come from our own pages. The form token is the guarantee; this is the second wall (attack row C04).
import { answerRefusal } from '../console/pages/refusal.ts'
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'

export async function checkSameOrigin(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  return isSameOrigin(exchange, context.config.issuer) ? undefined : answerRefusal(exchange, context, 'foreign_form')
}

/**
 * Browsers tell it in `Sec-Fetch-Site`, which no page can set. Our pages send no referrer, and with that browsers write `Origin: null`,
 * so `Origin` is read only where the better header is absent. With neither there is no browser, and so nobody's cookie to abuse.
 */
export function isSameOrigin(exchange: Exchange, issuer: string): boolean {
  const { origin, 'sec-fetch-site': site } = exchange.request.headers
  if (site !== undefined) return site === 'same-origin' && (origin === undefined || origin === 'null' || origin === issuer)
  return origin === undefined || origin === issuer
}
