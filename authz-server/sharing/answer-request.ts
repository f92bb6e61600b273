// The owner's answer to a request. Approving writes shares into the owner's rules and marks the request in the same transaction (decision 0010).
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { PolicyHead } from '../store/policies-repository.ts'
import { listPublicClients } from '../tokens/is-authenticated-client.ts'
import { assessAll, buildQuestion, type Wish } from './assess.ts'
import { listWishes } from './find-asking-shares.ts'
import { commitBuilt } from './save-policy.ts'
import type { PlacedDiagnostic } from './thread/job-types.ts'

export interface RequestAnswer {
  readonly requestId: string
  readonly owner: string
  readonly scopes: readonly string[]
  /** The last day, `2026-12-31`; undefined: no end. */
  readonly until: string | undefined
  /** For one request only: nothing of the rules changes. */
  readonly once?: boolean
}

/** Somebody who asked and went away may come back the next day. */
export const ONCE_APPROVAL_SECONDS = 86_400

export type AnswerRefusal =
  | { readonly reason: 'request_not_open' }
  | { readonly reason: 'nothing_chosen' }
  | { readonly reason: 'until_unusable' }
  /** The rules have no share any more that lets this person ask for this. */
  | { readonly reason: 'rule_gone' }
  | { readonly reason: 'rules_wrong'; readonly diagnostics: readonly PlacedDiagnostic[] }
  /** With the share, the rules are more than this server works on; a sentence with the remedy. */
  | { readonly reason: 'rules_too_much'; readonly message: string }
  /** The rules ask each time, so only one request can be allowed. */
  | { readonly reason: 'each_time' }
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
  const { owner, until, today } = answer
  const { read } = context.store
  const [request, policy] = await Promise.all([read.accessRequests.find(owner, answer.requestId), read.policies.findHead(owner)])
  const resource = request && (await read.resources.find(request.resourceId))
  if (request?.status !== 'pending' || request.expiresAt <= now || resource?.owner !== owner) return err({ reason: 'request_not_open' })
  const scopes = request.scopes.filter((scope) => answer.scopes.includes(scope))
  if (scopes.length === 0) return err({ reason: 'nothing_chosen' })
  const wishes = listWishes({ request, resource, requester: await read.people.find(request.requester) }, scopes)
  if (wishes === undefined || policy === undefined) return err({ reason: 'rule_gone' })
  if (answer.once) return approveOnce(context, { answer, policy, wishes, scopes }, now)
  const things = await read.resources.listOfOwner(owner)
  const asked = wishes.map((wish) => ({ scope: wish.scope, question: buildQuestion(context, wish, now) }))
  const shares = { email: request.requesterEmail, resourceKey: resource.key, asked, until, today }
  const built = await context.policyEngine.run({
    kind: 'approve',
    owner,
    policy,
    things,
    publicClients: listPublicClients(context.config),
    now: now * 1000,
    ...shares,
  })
  if (!built.ok) return err({ reason: 'rules_too_much', message: built.error })
  if (built.value.kind === 'rule_gone') return err({ reason: 'rule_gone' })
  if (built.value.kind === 'each_time') return err({ reason: 'each_time' })
  if (built.value.kind === 'wrong') return err({ reason: 'rules_wrong', diagnostics: built.value.diagnostics })
  const decision = { id: request.id, owner, status: 'approved', grantedScopes: scopes } as const
  const also: Parameters<typeof commitBuilt>[1]['also'] = ({ accessRequests }) => accessRequests.decideOnce(decision, now)
  const outcome = await commitBuilt(context, { owner, fromRevision: policy.revision, built: built.value, things, also }, now)
  if (outcome === 'also_refused') return err({ reason: 'request_not_open' })
  return outcome === 'saved' ? ok(policy.revision + 1) : outcome
}

interface OnceAnswer {
  readonly answer: RequestAnswer
  readonly policy: PolicyHead
  readonly wishes: readonly Wish[]
  readonly scopes: readonly string[]
}

/** The approval waits for the requester's next poll; the rules stay as they are, so a block or a removed share still denies. */
async function approveOnce(context: Context, { answer, policy, wishes, scopes }: OnceAnswer, now: EpochSeconds): Promise<Result<number, AnswerRefusal>> {
  const assessments = await assessAll(context, wishes, now)
  if (assessments.some(({ kind }) => kind === 'denied')) return err({ reason: 'rule_gone' })
  const { requestId: id, owner } = answer
  const decision = { id, owner, status: 'approved', grantedScopes: scopes, onceUntil: now + ONCE_APPROVAL_SECONDS } as const
  const isDecided = await context.store.transaction(({ accessRequests }) => accessRequests.decideOnce(decision, now))
  return isDecided ? ok(policy.revision) : err({ reason: 'request_not_open' })
}

function isUsableEnd(day: string, today: string): boolean {
  return /^20\d{2}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day) && day >= today
}
