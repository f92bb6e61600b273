// Security headers of every page and redirect of the console: nothing foreign loads, no script runs, nobody frames it (attack rows C01, C03).
import type { Exchange } from '../http/exchange.ts'

/** The pages have no script, so none is allowed; `require-trusted-types-for` stays for the day they get one. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

export const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
} as const

export function pageHeaders(exchange: Exchange): undefined {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) exchange.answerHeaders.set(name, value)
}
