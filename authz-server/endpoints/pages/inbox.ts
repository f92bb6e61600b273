// GET /inbox shows who waits; POST /inbox/approve and /inbox/deny answer one request. No link answers anything.

import { readMonotonic } from '../../../protocol/time.ts'
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { type AnsweredFacts, type InboxFacts, inboxPage, type PendingFacts } from '../../console/pages/inbox.ts'
import { answerRefusal } from '../../console/pages/refusal.ts'
import { agoInWords, dayOf } from '../../console/words.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { type AnswerRefusal, approveRequest, denyRequest } from '../../sharing/answer-request.ts'
import { type AskingShares, findAskingShares, type PendingRequest } from '../../sharing/find-asking-shares.ts'
import { type OwnRequest, settleRequest } from '../../sharing/request-state.ts'
import { APPROVAL_COST } from '../../sharing/tool-costs.ts'
import { inTurn } from '../../sharing/tool-limits.ts'
import type { AccessRequest } from '../../store/access-requests-repository.ts'

const ANSWERED_SHOWN = 10
/** An end that is preselected: long enough for most purposes, and it ends by itself. */
const SUGGESTED_DAYS = 30

export async function showInbox(exchange: Exchange, context: Context): Promise<Answer> {
  const revision = exchange.query.get('approved')
  if (revision !== null && /^\d{1,9}$/.test(revision)) return answerInbox(exchange, context, { kind: 'approved', revision: Number(revision) })
  if (exchange.query.has('once')) return answerInbox(exchange, context, { kind: 'once' })
  return answerInbox(exchange, context, exchange.query.has('denied') ? { kind: 'denied' } : undefined)
}

export async function submitApproval(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId } = requireFact(exchange.signedIn, 'requireSession')
  const form = requireFact(exchange.form, 'parsePageForm')
  const answer = {
    requestId: form.get('request') ?? '',
    owner: personId,
    scopes: (form.get('scopes') ?? '').split(' ').filter((scope) => scope !== ''),
    ...readDuration(form),
  }
  const settled = await answerSettled(exchange, context, answer)
  if (settled !== undefined) return settled
  const asked = { owner: personId, cost: APPROVAL_COST }
  const approved = await inTurn(context.toolLimits, asked, {
    now: readMonotonic(context.ports.monotonic),
    run: () => approveRequest(context, answer, exchange.now),
  })
  if (approved.ok) return answerRedirect(answer.once ? '/inbox?once' : `/inbox?approved=${approved.value}`)
  if (approved.error.reason === 'request_not_open') return answerRaced(exchange, context, answer)
  const page = await answerInbox(exchange, context, { kind: 'problem', text: describeRefusal(approved.error) })
  return { ...page, status: approved.error.reason === 'nothing_chosen' || approved.error.reason === 'until_unusable' ? 422 : 409 }
}

/** `lasts` is `once`, `until` or `always`. Without it, a day decides between the last two. */
function readDuration(form: ReadonlyMap<string, string>): { readonly once: boolean; readonly until: string | undefined } {
  const until = form.get('until') || undefined
  switch (form.get('lasts')) {
    case 'once':
      return { once: true, until: undefined }
    case 'always':
      return { once: false, until: undefined }
    case 'until':
      // No day is not the same as no end.
      return { once: false, until: until ?? '' }
    default:
      return { once: false, until }
  }
}

export async function submitDenial(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId } = requireFact(exchange.signedIn, 'requireSession')
  const form = requireFact(exchange.form, 'parsePageForm')
  const request = { requestId: form.get('request') ?? '', owner: personId }
  const settled = await answerSettled(exchange, context, request)
  if (settled !== undefined) return settled
  const denied = await denyRequest(context, request, exchange.now)
  return denied ? answerRedirect('/inbox?denied') : answerRaced(exchange, context, request)
}

/** What has become of a request that needs no answer any more; undefined if it is still open. */
async function answerSettled(exchange: Exchange, context: Context, own: OwnRequest): Promise<Answer | undefined> {
  const request = await settleRequest(context, own, exchange.now)
  if (request === undefined) return answerRefusal(exchange, context, 'request_unknown')
  if (request.status === 'pending') return undefined
  const page = await answerInbox(exchange, context, { kind: 'settled', request: await describeAnswered(context, request, exchange.now) })
  return { ...page, status: 409 }
}

/** Answered by another request of the same moment. */
async function answerRaced(exchange: Exchange, context: Context, own: OwnRequest): Promise<Answer> {
  return (await answerSettled(exchange, context, own)) ?? answerRefusal(exchange, context, 'request_unknown')
}

function describeRefusal(refusal: Exclude<AnswerRefusal, { reason: 'request_not_open' }>): string {
  switch (refusal.reason) {
    case 'nothing_chosen':
      return 'Nothing was selected, so the request was not answered. Select what you allow, or deny everything.'
    case 'until_unusable':
      return 'That day is in the past or does not exist. Choose today or a later day, or leave it empty.'
    case 'rule_gone':
      return 'Your rules no longer let them ask for this, so there are no limits to apply. To allow it, write a share in "My rules"; otherwise, deny the request.'
    case 'rules_wrong':
      return `Your answer could not be added to your rules: ${refusal.diagnostics[0]?.message ?? 'unknown reason'} Correct them in "My rules" first.`
    case 'rules_too_much':
      return `Your answer could not be added to your rules: ${refusal.message}`
    case 'each_time':
      return 'Your rules ask you each time, so you can only allow this once. To allow more, change "ask: each time" in "My rules".'
    case 'rules_busy':
      return 'Your rules were being changed at the same time. Please try again.'
  }
}

async function answerInbox(exchange: Exchange, context: Context, notice: InboxFacts['notice']): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const { accessRequests } = context.store.read
  const pending = await accessRequests.listPending(session.personId, exchange.now)
  // What needs no answer any more moves to the list below, with the reason.
  const looked = await Promise.all(pending.map(({ id }) => settleRequest(context, { requestId: id, owner: session.personId }, exchange.now)))
  const waiting = looked.filter((request): request is AccessRequest => request?.status === 'pending')
  const decided = await accessRequests.listDecided(session.personId, ANSWERED_SHOWN)
  const facts: InboxFacts = {
    session,
    pending: await describeAllPending(context, waiting, exchange.now),
    answered: await Promise.all(decided.map((request) => describeAnswered(context, request, exchange.now))),
    today: dayOf(exchange.now),
    ...(notice === undefined ? {} : { notice }),
  }
  return answerPage(exchange, context, inboxPage(facts))
}

async function describeAllPending(context: Context, waiting: readonly AccessRequest[], now: Exchange['now']): Promise<readonly PendingFacts[]> {
  const { resources, people } = context.store.read
  const pending = await Promise.all(
    waiting.map(async (request) => ({ request, resource: await resources.find(request.resourceId), requester: await people.find(request.requester) })),
  )
  const shares = await findAskingShares(context, pending, now)
  return Promise.all(pending.map((one, index) => describePending(context, { ...one, asking: shares[index] ?? { shares: [], eachTime: false } }, now)))
}

async function describePending(
  context: Context,
  { request, resource, requester, asking: { shares, eachTime } }: PendingRequest & { readonly asking: AskingShares },
  now: Exchange['now'],
): Promise<PendingFacts> {
  const asked = await context.store.read.accessRequests.listAsked(request)
  return {
    id: request.id,
    email: request.requesterEmail,
    displayName: requester?.displayName,
    app: context.config.clients.find((client) => client.client_id === request.clientId)?.name ?? request.clientId,
    thing: resource?.name ?? 'a thing that no longer exists',
    thingKey: resource?.key ?? '',
    scopes: request.scopes,
    askedAgo: agoInWords(request.createdAt, now),
    endsOn: dayOf(request.expiresAt),
    eachTime,
    suggestedEnd: dayOf(now + SUGGESTED_DAYS * 86_400),
    rules: shares.map(({ name, limits }) => ({ name, limits })),
    timesAskedBefore: asked.filter((other) => other.createdAt < request.createdAt).length,
  }
}

async function describeAnswered(context: Context, request: AccessRequest, now: Exchange['now']): Promise<AnsweredFacts> {
  const resource = await context.store.read.resources.find(request.resourceId)
  const { requesterEmail: email, scopes, grantedScopes, decidedAt, closedReason, thingName } = request
  const thing = resource?.name ?? thingName ?? 'a thing that no longer exists'
  return { email, thing, scopes, grantedScopes, answeredAgo: agoInWords(decidedAt ?? now, now), ...(closedReason === undefined ? {} : { closedReason }) }
}
