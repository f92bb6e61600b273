// The owner's answer to a request. Approving writes shares into the owner's rules and marks the request in the same transaction (decision 0010).
import type { Diagnostic } from '../../policies/diagnostic.ts'
import { appendShare } from '../../policies/edit/append-share.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { type Approval, buildApprovedShares } from './build-approved-shares.ts'
import { findAskingShares } from './find-asking-shares.ts'
import { savePolicy } from './save-policy.ts'

export interface RequestAnswer {
  readonly requestId: string
  readonly owner: string
  readonly scopes: readonly string[]
  /** The last day, `2026-12-31`; undefined: no end. */
  readonly until: string | undefined
}

export type AnswerRefusal =
  | { readonly reason: 'request_not_open' }
  | { readonly reason: 'nothing_chosen' }
  | { readonly reason: 'until_unusable' }
  /** The rules have no share any more that lets this person ask for this. */
  | { readonly reason: 'rule_gone' }
  | { readonly reason: 'rules_wrong'; readonly diagnostics: readonly Diagnostic[] }
  /** The owner saved again and again meanwhile. */
  | { readonly reason: 'rules_busy' }

const SAVE_ATTEMPTS = 5

/** The revision of the rules that holds the answer. */
export async function approveRequest(context: Context, answer: RequestAnswer, now: EpochSeconds): Promise<Result<number, AnswerRefusal>> {
  const today = new Date(now * 1000).toISOString().slice(0, 10)
  if (answer.until !== undefined && !isUsableEnd(answer.until, today)) return err({ reason: 'until_unusable' })
  for (let attempt = 0; attempt < SAVE_ATTEMPTS; attempt += 1) {
    const result = await tryApprove(context, { ...answer, today }, now)
    if (result !== 'revision_stale') return result
  }
  return err({ reason: 'rules_busy' })
}

/** False if it was answered or has ended meanwhile. */
export async function denyRequest(context: Context, { requestId, owner }: Pick<RequestAnswer, 'requestId' | 'owner'>, now: EpochSeconds): Promise<boolean> {
  return context.store.transaction(({ accessRequests }) => accessRequests.decideOnce({ id: requestId, owner, status: 'denied', grantedScopes: [] }, now))
}

async function tryApprove(
  context: Context,
  answer: RequestAnswer & { readonly today: string },
  now: EpochSeconds,
): Promise<Result<number, AnswerRefusal> | 'revision_stale'> {
  const { owner } = answer
  const [request, policy] = await Promise.all([context.store.read.accessRequests.find(owner, answer.requestId), context.store.read.policies.find(owner)])
  const resource = request && (await context.store.read.resources.find(request.resourceId))
  if (request?.status !== 'pending' || request.expiresAt <= now || resource?.owner !== owner) return err({ reason: 'request_not_open' })
  const scopes = request.scopes.filter((scope) => answer.scopes.includes(scope))
  if (scopes.length === 0) return err({ reason: 'nothing_chosen' })
  const chosen = await findAskingShares(context, { request, resource, scopes }, now)
  if (chosen === undefined || policy === undefined) return err({ reason: 'rule_gone' })
  const rules = context.policyEngine.read(policy.text)
  if (!rules.ok) return err({ reason: 'rules_wrong', diagnostics: rules.error })
  const { until, today } = answer
  const names = [...rules.value.things.keys()]
  const text = addShares(policy.text, { email: request.requesterEmail, resourceKey: resource.key, chosen, until, today, names })
  if (!text.ok) return err({ reason: 'rules_wrong', diagnostics: text.error })
  const decision = { id: request.id, owner, status: 'approved', grantedScopes: scopes } as const
  const saved = await savePolicy(
    context,
    { owner, text: text.value, fromRevision: policy.revision, also: ({ accessRequests }) => accessRequests.decideOnce(decision, now) },
    now,
  )
  if (saved.ok) return saved
  switch (saved.error.reason) {
    case 'revision_stale':
      return 'revision_stale'
    case 'also_refused':
      return err({ reason: 'request_not_open' })
    case 'text_wrong':
      return err({ reason: 'rules_wrong', diagnostics: saved.error.diagnostics })
  }
}

function addShares(text: string, approval: Approval): Result<string, readonly Diagnostic[]> {
  let result = text
  for (const share of buildApprovedShares(approval)) {
    const added = appendShare(result, share)
    if (!added.ok) return added
    result = added.value
  }
  return ok(result)
}

function isUsableEnd(day: string, today: string): boolean {
  return /^20\d{2}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day) && day >= today
}
