// Security headers of every answer, whether an endpoint wrote it, the router, or the HTTP parser. Pages add their own to these.

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
} as const

const HSTS_SECONDS = 365 * 86_400

export function buildAnswerHeaders(issuer: string): Readonly<Record<string, string>> {
  return issuer.startsWith('https:') ? { ...HEADERS, 'strict-transport-security': `max-age=${HSTS_SECONDS}` } : HEADERS
}
