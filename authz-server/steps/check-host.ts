// Pages are served under the issuer's own name alone, so that a foreign name pointed at this address (DNS rebinding) shows nothing.
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'

export function checkHost(exchange: Exchange, context: Context): Answer | undefined {
  if (exchange.request.headers.host?.toLowerCase() === new URL(context.config.issuer).host) return undefined
  return { status: 421, body: { kind: 'bytes', type: 'text/plain; charset=utf-8', bytes: Buffer.from(`This server is ${context.config.issuer}.\n`) } }
}
