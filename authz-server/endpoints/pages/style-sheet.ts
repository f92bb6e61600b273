// The pages' style sheet. Its path holds its digest, so browsers keep it.
import { STYLE_SHEET } from '../../console/style.ts'
import type { Answer } from '../../http/exchange.ts'

export function styleSheet(): Answer {
  return {
    status: 200,
    headers: { 'cache-control': 'public, max-age=31536000, immutable' },
    body: { kind: 'bytes', type: 'text/css; charset=utf-8', bytes: Buffer.from(STYLE_SHEET) },
  }
}
