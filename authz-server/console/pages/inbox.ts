// Requests that wait for the owner, each with who asks, through what, for what and under which limits; and how the last ones ended.
import { formToken } from '../form-token-field.ts'
import { foreignName, type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'
import { listInWords } from '../words.ts'

export interface PendingFacts {
  readonly id: string
  readonly email: string
  readonly displayName: string | undefined
  readonly app: string
  readonly thing: string
  readonly thingKey: string
  readonly scopes: readonly string[]
  readonly askedAgo: string
  readonly endsOn: string
  /** The shares that let them ask, with their limits in plain words; none if the rules have them no more. */
  readonly rules: readonly { readonly name: string; readonly limits: readonly string[] }[]
  readonly timesAskedBefore: number
  /** The rules ask each time: only one request can be allowed. */
  readonly eachTime: boolean
  /** `2026-12-31`, preselected. */
  readonly suggestedEnd: string
}

export interface AnsweredFacts {
  readonly email: string
  readonly thing: string
  readonly scopes: readonly string[]
  readonly grantedScopes: readonly string[]
  readonly answeredAgo: string
  /** It ended without an answer, and why. */
  readonly closedReason?: 'thing_gone' | 'requester_gone' | 'app_gone' | 'ability_gone' | 'expired'
}

export interface InboxFacts {
  readonly session: { readonly csrfToken: string }
  readonly pending: readonly PendingFacts[]
  readonly answered: readonly AnsweredFacts[]
  readonly notice?:
    | { readonly kind: 'approved'; readonly revision: number }
    | { readonly kind: 'denied' }
    | { readonly kind: 'once' }
    | { readonly kind: 'problem'; readonly text: string }
    /** The request needed no answer any more, and this is what is so. */
    | { readonly kind: 'settled'; readonly request: AnsweredFacts }
  /** The first day that a share may end on. */
  readonly today: string
}

export function inboxPage(facts: InboxFacts): Page {
  return {
    title: 'Requests',
    section: 'inbox',
    body: html`${facts.notice && renderNotice(facts.notice)}
${facts.pending.length === 0 && html`<div class="card"><p>Nobody is waiting for your answer.</p></div>`}
<ul class="cards">${facts.pending.map((request) => renderPending(request, facts))}</ul>
${facts.answered.length > 0 && html`<h2>Recently answered or closed</h2><ul class="card">${facts.answered.map(renderAnswered)}</ul>`}`,
  }
}

function renderNotice(notice: NonNullable<InboxFacts['notice']>): Html {
  switch (notice.kind) {
    case 'approved':
      return html`<div class="notice good" role="status"><p>Allowed. Your answer is a share in <a href="/rules">my rules</a> now (revision ${notice.revision}); delete it there to withdraw it.</p></div>`
    case 'once':
      return html`<div class="notice good" role="status"><p>Allowed for one request, within a day. Your rules are unchanged, and you are asked again next time.</p></div>`
    case 'denied':
      return html`<div class="notice good" role="status"><p>Denied. They see that you said no, but not why.</p></div>`
    case 'settled':
      return html`<div class="notice note" role="status"><p>${describeSettled(notice.request)} Nothing was changed.</p></div>`
    case 'problem':
      return html`<div class="notice bad" role="alert"><p>${notice.text}</p></div>`
  }
}

function renderPending(request: PendingFacts, { session, today }: InboxFacts): Html {
  const { id, scopes, rules } = request
  return html`<li class="card">
<h2>${foreignName(request.email)} would like to ${listInWords(scopes)}</h2>
<dl class="facts">
<dt>Who</dt><dd>${request.displayName !== undefined && html`${foreignName(request.displayName)}, `}${request.email} (signed in here, address verified)</dd>
<dt>Through the app</dt><dd>${foreignName(request.app)}</dd>
<dt>Which thing</dt><dd>${foreignName(request.thing)} <code>${request.thingKey}</code></dd>
<dt>Asked</dt><dd>${request.askedAgo}${request.timesAskedBefore > 0 && `, and ${request.timesAskedBefore === 1 ? 'once' : `${request.timesAskedBefore} times`} before`}</dd>
<dt>Expires</dt><dd>${request.endsOn}</dd>
${rules.length === 0 && html`<dt>Your rule</dt><dd>no longer in your rules</dd>`}
${rules.map(
  (rule) => html`<dt>Your rule</dt><dd>${foreignName(rule.name)}</dd>
<dt>Its limits still apply</dt><dd>${rule.limits.length === 0 ? 'none' : listInWords(rule.limits)}</dd>`,
)}
</dl>
<form method="post" action="/inbox/approve">
${formToken(session)}
<input type="hidden" name="request" value="${id}">
<fieldset><legend>Allow</legend>
${scopes.map((scope) => html`<label class="check"><input type="checkbox" name="scopes" value="${scope}" checked>${scope}</label>`)}
</fieldset>
${renderDuration(request, today)}
<div class="actions"><button>Allow what is selected</button></div>
</form>
<form method="post" action="/inbox/deny">
${formToken(session)}
<input type="hidden" name="request" value="${id}">
<div class="actions"><button class="danger">No, deny everything</button></div>
</form>
</li>`
}

const CLOSED: { readonly [reason in NonNullable<AnsweredFacts['closedReason']>]: string } = {
  thing_gone: 'the thing no longer exists, so there is nothing to answer',
  requester_gone: 'the account of the person who asked was deleted or disabled',
  app_gone: 'the app is no longer registered here',
  ability_gone: 'the thing no longer offers this',
  expired: 'nobody answered in time',
}

function describeSettled({ thing, scopes, grantedScopes, answeredAgo, closedReason }: AnsweredFacts): Html {
  if (closedReason !== undefined) return html`This request for ${foreignName(thing)} is closed: ${CLOSED[closedReason]}.`
  if (grantedScopes.length === 0) return html`You denied this request for ${foreignName(thing)} ${answeredAgo}.`
  const rest = scopes.filter((scope) => !grantedScopes.includes(scope))
  return html`You allowed ${listInWords(grantedScopes)}${rest.length > 0 && ` and denied ${listInWords(rest)}`} for ${foreignName(thing)} ${answeredAgo}. To withdraw it, delete the share in <a href="/rules">My rules</a>.`
}

function renderDuration({ id, eachTime, suggestedEnd }: PendingFacts, today: string): Html {
  if (eachTime) return html`<input type="hidden" name="lasts" value="once"><p class="hint">Your rule asks you each time, so this allows one request.</p>`
  return html`<fieldset><legend>For how long</legend>
<label class="check"><input type="radio" name="lasts" value="once">This once: one request, within a day</label>
<label class="check"><input type="radio" name="lasts" value="until" checked>Until the end of the day below</label>
<label for="until-${id}">Last day</label>
<input type="date" id="until-${id}" name="until" min="${today}" value="${suggestedEnd}">
<label class="check"><input type="radio" name="lasts" value="always">Always, until you change your rules</label>
</fieldset>`
}

function renderAnswered(request: AnsweredFacts): Html {
  if (request.closedReason !== undefined)
    return html`<li>${foreignName(request.email)}, ${foreignName(request.thing)}, ${listInWords(request.scopes)}: closed, because ${CLOSED[request.closedReason]} (${request.answeredAgo})</li>`
  const refused = request.scopes.filter((scope) => !request.grantedScopes.includes(scope))
  const parts = [
    ...(request.grantedScopes.length > 0 ? [`allowed: ${listInWords(request.grantedScopes)}`] : []),
    ...(refused.length > 0 ? [`denied: ${listInWords(refused)}`] : []),
  ]
  return html`<li>${foreignName(request.email)}, ${foreignName(request.thing)}: ${parts.join('; ')} (${request.answeredAgo})</li>`
}
