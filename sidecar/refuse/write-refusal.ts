// Writes a refusal: JSON, or a small page where a browser asks; challenges, the next nonce and a ticket as header fields. Nothing of the request is in it.
import { type ServerResponse, STATUS_CODES } from 'node:http'
import { SIGNATURE_ALGORITHMS } from '../../protocol/jwk.ts'
import { buildUmaChallenge } from '../../protocol/uma/messages.ts'
import { METHODS } from '../http/request-head.ts'
import type { TicketOutcome } from '../uma/ticket-source.ts'
import { answerFor, type DpopChallenge, type RefusalAnswer } from './answer-for.ts'
import type { Refusal } from './refusal.ts'

export interface RefusalContext {
  /** What became of the ticket, if the refusal offers one. */
  readonly ticket: TicketOutcome | undefined
  readonly realm: string
  readonly issuer: string
  readonly nonce: string
  readonly requestId: string
  readonly accept: string
  /** More header fields as a flat list, e.g. for CORS. */
  readonly headers: readonly string[]
  /** True where a body is still to come that nobody will read. */
  readonly mustClose: boolean
}

const ALGORITHMS = SIGNATURE_ALGORITHMS.join(' ')
/** UMA 2.0 Federated Authorization section 4.1 with Grant section 3.2.2. */
const UNREACHABLE_WARNING = '199 - "UMA Authorization Server Unreachable"'

/** Gives the status that was written. */
export function writeRefusal(response: ServerResponse, refusal: Refusal, context: RefusalContext): number {
  const answer = adjustForTicket(answerFor(refusal), context.ticket)
  const isPage = prefersHtml(context.accept)
  const body = Buffer.from(isPage ? buildPage(answer) : buildJson(answer))
  const headers = [...context.headers, 'content-type', isPage ? 'text/html; charset=utf-8' : 'application/json', 'content-length', String(body.length)]
  headers.push('cache-control', 'no-store', 'dpop-nonce', context.nonce, 'x-request-id', context.requestId, 'x-content-type-options', 'nosniff')
  if (isPage) headers.push('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'", 'referrer-policy', 'no-referrer')
  if (answer.challenge !== undefined) headers.push('www-authenticate', buildDpopChallenge(answer.challenge, answer.text))
  if (context.ticket?.kind === 'ticket')
    headers.push('www-authenticate', buildUmaChallenge({ realm: context.realm, asUri: context.issuer, ticket: context.ticket.ticket }))
  if (context.ticket?.kind === 'unreachable') headers.push('warning', UNREACHABLE_WARNING)
  if (answer.retryAfterSeconds !== undefined) headers.push('retry-after', String(answer.retryAfterSeconds))
  if (answer.status === 405) headers.push('allow', (refusal.allow ?? [...METHODS]).join(', '))
  if (answer.close || context.mustClose) headers.push('connection', 'close')
  // The phrase is named, since Node would keep that of a head which could not be written.
  response.writeHead(answer.status, STATUS_CODES[answer.status], headers)
  response.end(body)
  return answer.status
}

/** Without a ticket there is no way to ask: because of the authz server (403, UMA) or because of the caller's own rate (429). */
function adjustForTicket(answer: RefusalAnswer, ticket: TicketOutcome | undefined): RefusalAnswer {
  if (ticket?.kind === 'unreachable') {
    return {
      ...answer,
      status: 403,
      error: 'authz_server_unreachable',
      reason: 'authz_server_unreachable',
      text: 'The authorization server cannot be reached at the moment.',
    }
  }
  if (ticket?.kind === 'limited' && answer.challenge === undefined) {
    return {
      status: 429,
      error: 'too_many_requests',
      reason: 'too_many_tickets',
      text: 'Too many access requests from this network.',
      retryAfterSeconds: 10,
    }
  }
  return answer
}

function buildDpopChallenge(challenge: DpopChallenge, text: string): string {
  if (challenge === 'none') return `DPoP algs="${ALGORITHMS}"`
  return `DPoP error="${challenge}", error_description="${text.replaceAll('"', "'")}", algs="${ALGORITHMS}"`
}

function buildJson(answer: RefusalAnswer): string {
  return `${JSON.stringify({ error: answer.error, error_description: answer.text, reason: answer.reason })}\n`
}

/** All texts are our own; none needs escaping but by rule. */
function buildPage(answer: RefusalAnswer): string {
  const [text, reason] = [escapeHtml(answer.text), escapeHtml(answer.reason)]
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${answer.status}</title><style>body{font:1rem system-ui;max-width:32rem;margin:4rem auto;padding:0 1rem}</style><h1>${answer.status}</h1><p>${text}</p><p><code>${reason}</code></p></html>\n`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function prefersHtml(accept: string): boolean {
  const html = accept.indexOf('text/html')
  if (html < 0) return false
  const json = accept.indexOf('application/json')
  return json < 0 || html < json
}
