// Puts the next DPoP nonce on whatever is answered (RFC 9449 section 8.2).
import { readMonotonic } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Exchange } from '../http/exchange.ts'

export function offerNonce(exchange: Exchange, context: Context): undefined {
  exchange.answerHeaders.set('dpop-nonce', context.nonces.mint(readMonotonic(context.ports.monotonic)))
}
