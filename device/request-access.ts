// A requester's side of UMA 2.0 (Grant, section 3.3): takes the ticket of a refusal to the authorization server, waits for the owner, and calls again.
import type { ProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { GRANT_TYPES, ID_TOKEN_FORMAT } from '../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../protocol/result.ts'
import { parseUmaChallenge } from '../protocol/uma/messages.ts'
import { BACK_OFF_MAX_SECONDS, DEFAULT_INTERVAL_SECONDS } from './poll-schedule.ts'
import type { ClientPorts } from './ports.ts'
import { type Answer, type ClientRefused, clientRefused } from './read-answer.ts'
import type { OriginGuard, ResourceRequest } from './resource-fetch.ts'
import { parseTokenResponse, postForm } from './token-endpoint.ts'
import type { TokenKeeper } from './token-keeper.ts'

/** A ticket may end while the owner thinks; then the resource server is asked for a new one, this often at most. */
const NEW_TICKETS_MAX = 5

export type AccessRefusal =
  | { readonly reason: 'denied' | 'foreign_authorization_server' | 'unreachable' | 'answer_unusable' | 'still_waiting' }
  /** The server wants to know more than an ID token tells. */
  | { readonly reason: 'more_information_needed'; readonly requiredClaims: readonly unknown[] }
  | ClientRefused

export interface AccessRequest {
  readonly uri: string
  readonly request?: ResourceRequest
  /** Abilities to ask for beside the one that this call needs (space-separated), so that the owner is asked once. Only those registered for the client count. */
  readonly scope?: string
  /** Called each time the server says that the owner has been asked. */
  readonly onSubmitted?: (again: { readonly afterSeconds: number }) => void
  /** Give up waiting for the owner after this long; 10 minutes if not given. */
  readonly patienceSeconds?: number
  readonly signal?: AbortSignal
}

const DEFAULT_PATIENCE_SECONDS = 600

export interface AccessPorts {
  readonly issuer: string
  readonly clientId: string
  readonly provingFetch: ProvingFetch
  readonly keeper: TokenKeeper
  readonly guard: OriginGuard
  readonly tokenEndpoint: () => Promise<string>
  readonly sleep: ClientPorts['sleep']
  /** Requesting party tokens by the call that they were won for, in memory only. */
  readonly tokens: Map<string, string>
}

type TicketAnswer =
  | { readonly kind: 'token'; readonly accessToken: string }
  | { readonly kind: 'submitted'; readonly ticket: string; readonly intervalSeconds: number }
  | { readonly kind: 'ticket_gone' }
  | { readonly kind: 'refused'; readonly refusal: AccessRefusal }

/** Resolves with the resource server's answer, or with the reason why there was no token to call with. */
export async function requestAccess(ports: AccessPorts, access: AccessRequest): Promise<Result<Response, AccessRefusal>> {
  ports.guard(access.uri)
  let response = await call(ports, access)
  for (let tries = 0; tries < NEW_TICKETS_MAX; tries += 1) {
    const ticket = readTicket(response, ports.issuer)
    if (ticket === undefined) return ok(response)
    await response.body?.cancel()
    if (!ticket.ok) return ticket
    const redeemed = await redeemTicket(ports, access, ticket.value)
    if (redeemed.kind === 'refused') return err(redeemed.refusal)
    if (redeemed.kind === 'token') {
      ports.tokens.set(keyOf(access), redeemed.accessToken)
      // One more refusal is the answer then: the owner allowed less than this call needs.
      return ok(await call(ports, access))
    }
    response = await call(ports, access)
  }
  return err({ reason: 'still_waiting' })
}

function keyOf(access: AccessRequest): string {
  const { origin, pathname } = new URL(access.uri) // one spelling: `é` and `%C3%A9` are one resource
  return `${access.request?.method ?? 'GET'} ${origin}${pathname}`
}

async function call(ports: AccessPorts, access: AccessRequest): Promise<Response> {
  const token = ports.tokens.get(keyOf(access))
  const signal = access.signal === undefined ? {} : { signal: access.signal }
  const response = await ports.provingFetch(access.uri, { ...signal, ...access.request, ...(token === undefined ? {} : { accessToken: token }) })
  if (response.status === 401 && token !== undefined) {
    ports.tokens.delete(keyOf(access)) // over, or no longer enough
    if (readTicket(response, ports.issuer) !== undefined) return response
    await response.body?.cancel()
    return ports.provingFetch(access.uri, { ...signal, ...access.request })
  }
  return response
}

/** The ticket of a refusal; a ticket of another authorization server would send our ID token there, so it is refused. */
function readTicket(response: Response, issuer: string): Result<string, AccessRefusal> | undefined {
  if (response.status !== 401) return undefined
  const challenge = parseUmaChallenge(response.headers.get('www-authenticate') ?? '')
  if (challenge === undefined) return undefined
  return challenge.asUri === issuer ? ok(challenge.ticket) : err({ reason: 'foreign_authorization_server' })
}

async function redeemTicket(ports: AccessPorts, access: AccessRequest, firstTicket: string): Promise<Exclude<TicketAnswer, { kind: 'submitted' }>> {
  let ticket = firstTicket
  let waited = 0
  for (;;) {
    const answer = await askForToken(ports, access, ticket)
    if (answer.kind !== 'submitted') return answer
    access.onSubmitted?.({ afterSeconds: answer.intervalSeconds })
    waited += answer.intervalSeconds
    if (waited > (access.patienceSeconds ?? DEFAULT_PATIENCE_SECONDS)) return { kind: 'refused', refusal: { reason: 'still_waiting' } }
    await ports.sleep(answer.intervalSeconds * 1000, access.signal)
    ticket = answer.ticket // each answer has a new one; the one used is dead
  }
}

async function askForToken(ports: AccessPorts, access: AccessRequest, ticket: string): Promise<TicketAnswer> {
  const { id_token } = await ports.keeper.tokens()
  const scope: Record<string, string> = access.scope === undefined ? {} : { scope: access.scope }
  const claim: Record<string, string> = id_token === undefined ? {} : { claim_token: id_token, claim_token_format: ID_TOKEN_FORMAT }
  const answer = await postForm(ports.provingFetch, {
    endpoint: await ports.tokenEndpoint(),
    form: { grant_type: GRANT_TYPES.umaTicket, ticket, client_id: ports.clientId, ...claim, ...scope },
    signal: access.signal,
  })
  return readTicketAnswer(answer)
}

/** UMA 2.0 Grant sections 3.3.5 and 3.3.6. */
function readTicketAnswer(answer: Answer | undefined): TicketAnswer {
  if (answer === undefined) return refused({ reason: 'unreachable' })
  if (answer.status === 200) {
    const token = parseTokenResponse(answer.body)
    return token === undefined ? refused({ reason: 'answer_unusable' }) : { kind: 'token', accessToken: token.access_token }
  }
  const { ticket, interval, required_claims } = answer.body
  switch (answer.error) {
    case 'request_submitted':
      return typeof ticket === 'string' ? { kind: 'submitted', ticket, intervalSeconds: boundInterval(interval) } : refused({ reason: 'answer_unusable' })
    case 'request_denied':
      return refused({ reason: 'denied' })
    case 'need_info':
      return refused({ reason: 'more_information_needed', requiredClaims: Array.isArray(required_claims) ? required_claims : [] })
    case 'invalid_grant':
      return { kind: 'ticket_gone' }
    default:
      return refused(clientRefused(answer))
  }
}

function boundInterval(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.min(value, BACK_OFF_MAX_SECONDS) : DEFAULT_INTERVAL_SECONDS
}

function refused(refusal: AccessRefusal): TicketAnswer {
  return { kind: 'refused', refusal }
}
