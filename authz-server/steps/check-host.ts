// Pages are served only under the issuer's own name, so that a foreign name that points to this address (DNS rebinding) shows nothing.
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'
import { isOwnHost } from '../http/own-host.ts'

export function checkHost(exchange: Exchange, context: Context): Answer | undefined {
  if (isOwnHost(exchange.request.headers.host, context.config.issuer)) return undefined
  return { status: 421, body: { kind: 'bytes', type: 'text/plain; charset=utf-8', bytes: Buffer.from(`This server is ${context.config.issuer}.\n`) } }
}
