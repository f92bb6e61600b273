// CORS (WHATWG Fetch) for the origins that the operator lists: preflights are answered here and never forwarded.
import type { RouteTable } from '../resources/route-table.ts'
import type { RequestHead } from './request-head.ts'

export interface Cors {
  /** Fields that let a listed origin read the answer; a flat list, empty for everybody else. */
  headersFor(head: RequestHead): readonly string[]
  /** Fields of the answer to a preflight, or undefined if it is none, or not a listed one. */
  preflightFor(head: RequestHead): readonly string[] | undefined
}

const EXPOSED = 'DPoP-Nonce, WWW-Authenticate, Warning, X-Request-Id'
const REQUEST_HEADERS = 'Authorization, DPoP, Content-Type, Latchkey-Purpose'
const PREFLIGHT_LIFETIME_SECONDS = '600'

export function createCors(origins: readonly string[], routes: RouteTable): Cors {
  const listed = new Set(origins)

  function headersFor(head: RequestHead): readonly string[] {
    if (listed.size === 0) return []
    if (head.origin === undefined || !listed.has(head.origin)) return ['vary', 'Origin']
    return ['vary', 'Origin', 'access-control-allow-origin', head.origin, 'access-control-expose-headers', EXPOSED]
  }

  return {
    headersFor,
    preflightFor(head) {
      if (head.method !== 'OPTIONS' || head.requestedMethod === undefined || head.origin === undefined) return undefined
      const methods = routes.methodsOf(head.path)
      if (!listed.has(head.origin) || !methods.includes(head.requestedMethod)) return undefined
      return [
        ...headersFor(head),
        'access-control-allow-methods',
        methods.join(', '),
        'access-control-allow-headers',
        REQUEST_HEADERS,
        'access-control-max-age',
        PREFLIGHT_LIFETIME_SECONDS,
      ]
    },
  }
}
