// THE page to read first: every check of an attempt, in order. `now` is read once by the caller and handed down; the first refusal ends it.
import type { ResourceEntry } from '../../protocol/feed/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { type EpochSeconds, readMonotonic } from '../../protocol/time.ts'
import type { TicketRequest } from '../../protocol/uma/messages.ts'
import type { UseLimits } from '../obligations/use-limits.ts'
import type { createProofCheck } from '../proofs/check-proof.ts'
import type { Refusal } from '../refuse/refusal.ts'
import type { Route, RouteRefusal, RouteTable } from '../resources/route-table.ts'
import { readCredentials } from '../tokens/read-credentials.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'
import type { Attempt } from './attempt.ts'
import { type JudgeSources, judge, ticketForNothing } from './judge.ts'
import type { OnceApprovals } from './once-approvals.ts'
import { needsPermission } from './owner-policy.ts'
import { decisionOf, type Findings, type Permit, type Verdict } from './verdict.ts'

/** What an attempt may be judged by. */
export interface EnforcementParts extends JudgeSources {
  readonly publicOrigin: string
  readonly routes: RouteTable
  readonly tokens: TokenVerifier
  readonly checkProof: ReturnType<typeof createProofCheck>
  readonly useLimits: UseLimits
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
  /** Approvals of one request that were used. */
  readonly approvals: OnceApprovals
}

export async function enforce(attempt: Attempt, parts: EnforcementParts, now: EpochSeconds): Promise<Verdict> {
  const findings: Findings = {}
  const checked = await check(attempt, findings, { ...parts, now })
  return checked.ok ? { effect: 'permit', permit: checked.value, findings } : { effect: 'deny', refusal: checked.error, findings }
}

type PartsNow = EnforcementParts & { readonly now: EpochSeconds }

async function check(attempt: Attempt, findings: Findings, parts: PartsNow): Promise<Result<Permit, Refusal>> {
  const { now } = parts
  // 1. The route: what is not listed goes nowhere.
  const match = parts.routes.find(attempt.method, attempt.path, attempt.query)
  if (!match.ok) return err(routeRefusal(attempt, match.error))
  const { route, resourceKey } = match.value
  findings.route = route.name
  findings.scope = route.scope

  // 2. Something to decide by, and fresh.
  const state = parts.stateAt(now)
  if (state === undefined) return err({ reason: 'not_ready' })
  const resource = state.resourcesByKey.get(resourceKey)
  if (resource !== undefined) findings.resource = resource.id

  // 3. One credential. Without one, the refusal says how to ask for access.
  const text = readCredentials(attempt.authorization, attempt.query)
  if (!text.ok) return err({ reason: text.error, ...(text.error === 'no_token' ? { permission: permissionFor(resource, route) } : {}) })

  // 4. The token: of this issuer, for this server, alive.
  const token = parts.tokens.verify(text.value, state.keys, now)
  if (!token.ok) return err({ reason: token.error.reason })
  const claims = token.value
  findings.claims = claims

  // 5. The proof of its key, for this request, once.
  const uri = parts.publicOrigin + attempt.path
  const proof = parts.checkProof({ method: attempt.method, uri, proofs: attempt.proofs, token: { text: text.value, claims } })
  if (!proof.ok) return err({ reason: proof.error })

  // 6 to 9. Revocation and device, the resource, the operator's guardrails, then owner, permission and the owner's policy.
  const facts = { claims, route, resourceKey, purpose: attempt.purpose, proofMethod: proof.value, ip: attempt.ip }
  return judge(facts, parts, { now, isUnderWay: false })
}

/** 10. How often the share may be used: counted last, once, when nothing else keeps the attempt from being carried out. */
export async function countUse(permit: Permit, parts: EnforcementParts, now: EpochSeconds): Promise<Result<void, Refusal>> {
  const counted = await countLimits(permit, parts, now)
  if (!counted.ok) return counted
  const { access, claims } = counted.value
  if (access.once === undefined || parts.approvals.use(access.once, claims, now)) return ok()
  // As if there had been no approval: the owner is asked again.
  return err({ ...needsPermission('approval_needed', counted.value), ...decisionOf(access) })
}

/** The permit as it stands after the count. */
async function countLimits(permit: Permit, parts: EnforcementParts, now: EpochSeconds): Promise<Result<Permit, Refusal>> {
  const { limits } = permit.access.obligations
  if (limits.length === 0) return ok(permit)
  const before = parts.stateAt(now)
  const taken = await parts.useLimits.take({ owner: permit.resource.owner, party: permit.claims.sub, limits }, readMonotonic(parts.monotonic))
  if (!taken.ok) return err({ ...taken.error, ...decisionOf(permit.access) })
  // The feed may have changed while the use was written to disk: then an approval of one request may be needed that was not before.
  return parts.stateAt(now) === before ? ok(permit) : judge(permit, parts, { now, isUnderWay: false })
}

/** A preflight for something that is not listed reveals nothing about what is here. */
function routeRefusal(attempt: Attempt, refusal: RouteRefusal): Refusal {
  return refusal.reason === 'unknown_route' && attempt.method === 'OPTIONS' ? { reason: 'preflight_refused' } : refusal
}

/** A caller without a token learns nothing about what exists: a thing without this ability, or no thing at all, looks like any other. */
function permissionFor(resource: ResourceEntry | undefined, route: Route): TicketRequest {
  if (resource === undefined || !resource.resource_scopes.includes(route.scope)) return ticketForNothing(route)
  return { resource_id: resource.id, resource_scopes: [route.scope] }
}
