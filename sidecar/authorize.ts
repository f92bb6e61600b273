// THE page to read first: every check of a request, in order. `now` is read once by the caller and handed down; the first refusal ends it.
import type { ProofMethod } from '../policies/contract/decision-input.ts'
import type { AccessTokenClaims } from '../protocol/claims.ts'
import type { ResourceEntry } from '../protocol/feed/messages.ts'
import { err, ok, type Result } from '../protocol/result.ts'
import { type EpochSeconds, readMonotonic } from '../protocol/time.ts'
import type { RequestRecord } from './audit/audit-log.ts'
import { buildDecisionInput } from './decide/build-decision-input.ts'
import { type Access, type AccessResult, decide } from './decide/decide.ts'
import type { FeedState } from './feed/feed-state.ts'
import type { PolicyStore } from './feed/policy-store.ts'
import type { GuardrailAnswer, Guardrails } from './guardrails/guardrails.ts'
import type { RequestHead } from './http/request-head.ts'
import type { UseLimits } from './obligations/use-limits.ts'
import type { createProofCheck } from './proofs/check-proof.ts'
import type { Refusal } from './refuse/refusal.ts'
import type { Route, RouteRefusal, RouteTable } from './resources/route-table.ts'
import { checkTokenState } from './tokens/check-token-state.ts'
import { readCredentials } from './tokens/read-credentials.ts'
import type { TokenVerifier } from './tokens/token-verifier.ts'

/** What a request may be judged by. */
export interface Gate {
  readonly issuer: string
  readonly publicOrigin: string
  readonly routes: RouteTable
  /** The feed's state if it is fresh enough to decide by. */
  readonly stateAt: (now: EpochSeconds) => FeedState | undefined
  readonly tokens: TokenVerifier
  readonly checkProof: ReturnType<typeof createProofCheck>
  readonly guardrails: Guardrails
  readonly policies: PolicyStore
  readonly useLimits: UseLimits
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
}

/** Allowed, and by what: enough to ask again while the answer is on its way. */
export interface Grant {
  readonly claims: AccessTokenClaims
  readonly route: Route
  readonly resource: ResourceEntry
  readonly purpose: string | null
  readonly proofMethod: ProofMethod
  readonly access: Access
}

export interface AuthorizeRequest {
  readonly head: RequestHead
  /** Takes down what is learnt, for the audit line. */
  readonly record: RequestRecord
}

export async function authorize({ head, record }: AuthorizeRequest, gate: Gate, now: EpochSeconds): Promise<Result<Grant, Refusal>> {
  // 1. The route: what is not listed goes nowhere.
  const match = gate.routes.find(head.method, head.path)
  if (!match.ok) return err(routeRefusal(head, match.error))
  const { route, resourceKey } = match.value
  record.route = route.name
  record.scope = route.scope

  // 2. Something to decide by, and fresh.
  const state = gate.stateAt(now)
  if (state === undefined) return err({ reason: 'not_ready' })
  const resource = state.resourcesByKey.get(resourceKey)
  if (resource !== undefined) record.resource = resource.id

  // 3. One credential. Without one, the caller is told how to ask for access.
  const text = readCredentials(head.authorization, head.query)
  if (!text.ok) return err({ reason: text.error, ...(text.error === 'no_token' ? ticketFor(resource, route) : {}) })

  // 4. The token: of this issuer, for this server, alive.
  const token = gate.tokens.verify(text.value, state.keys, now)
  if (!token.ok) return err({ reason: token.error.reason })
  const claims = token.value
  record.claims = claims

  // 5. The proof of its key, for this request, once.
  const uri = gate.publicOrigin + head.path
  const proof = gate.checkProof({ method: head.method, uri, proofs: head.proofs, token: { text: text.value, claims } })
  if (!proof.ok) return err({ reason: proof.error })

  // 6. Revocation, and the state of its device.
  const alive = checkTokenState(claims, state, now)
  if (!alive.ok) return err({ reason: alive.error })

  // 7. The resource.
  if (resource === undefined) return err({ reason: 'unknown_resource' })

  // 8. The operator's guardrails, which can only deny: owners too.
  const known = { claims, route, resource, purpose: head.purpose, proofMethod: proof.value }
  const question = { ...known, ip: head.ip, issuer: gate.issuer, deviceState: stateOfDevice(resource, state) }
  const guard = await gate.guardrails.check({ input: buildDecisionInput(question, now), isUnderWay: false })
  noteDecision(record, guard)
  if (!guard.ok) return guard

  // 9. Owner or owner's device within the token; everybody else by permission and the owner's policy.
  const access = await decide(question, { state, policies: gate.policies }, now)
  noteDecision(record, access)
  if (!access.ok) return access
  const grant = { ...known, access: access.value }
  // 10. While a guardrail was asked, or a policy fetched, the feed may have moved on.
  const still = gate.stateAt(now) === state ? ok() : await authorizeAgain(grant, head.ip, { ...gate, now, isUnderWay: false })
  return still.ok ? ok(grant) : still
}

/** 11. How often the share may be used: counted last, once, when nothing else keeps the request from being forwarded. */
export async function takeUse(grant: Grant, { head, record }: AuthorizeRequest, gate: Gate & { readonly now: EpochSeconds }): Promise<Result<void, Refusal>> {
  const { limits, notify } = grant.access.obligations
  const before = gate.stateAt(gate.now)
  const taken =
    limits.length === 0 ? ok() : await gate.useLimits.take({ owner: grant.resource.owner, party: grant.claims.sub, limits }, readMonotonic(gate.monotonic))
  if (!taken.ok) return taken
  // While the use was written down, the feed may have moved on.
  const still = gate.stateAt(gate.now) === before ? ok() : await authorizeAgain(grant, head.ip, { ...gate, isUnderWay: false })
  if (still.ok && notify.length > 0) record.notify = notify
  return still
}

function stateOfDevice(resource: ResourceEntry, state: FeedState): string | null {
  return resource.device_id === null ? null : (state.devices.get(resource.device_id)?.status ?? null)
}

export interface GateNow extends Gate {
  readonly now: EpochSeconds
  /** The answer is on its way already, so nobody waits for the judgement. */
  readonly isUnderWay: boolean
}

/** The same judgement of a request that is already being answered: steps 2 and 6 to 9 with the state of now. */
export async function authorizeAgain(grant: Grant, ip: string, gate: GateNow): Promise<Result<void, Refusal>> {
  // The guardrails first, since all else must be of the state after that wait.
  const before = gate.stateAt(gate.now)
  const then = before?.resources.get(grant.resource.id) ?? grant.resource
  const deviceState = before === undefined ? null : stateOfDevice(then, before)
  const known = { ...grant, resource: then, ip, issuer: gate.issuer, deviceState }
  const guard = await gate.guardrails.check({ input: buildDecisionInput(known, gate.now), isUnderWay: gate.isUnderWay })
  if (!guard.ok) return guard
  const state = gate.stateAt(gate.now)
  if (state === undefined) return err({ reason: 'not_ready' })
  const alive = checkTokenState(grant.claims, state, gate.now)
  if (!alive.ok) return err({ reason: alive.error })
  const resource = state.resources.get(grant.resource.id)
  if (resource === undefined || resource.key !== grant.resource.key) return err({ reason: 'unknown_resource' })
  const question = { ...grant, resource, ip, issuer: gate.issuer, deviceState: stateOfDevice(resource, state) }
  const access = await decide(question, { state, policies: gate.policies }, gate.now)
  if (!access.ok) return access
  // What began with nothing hidden, or uncounted, cannot be mended halfway.
  return hasSamePlan(access.value, grant.access) ? ok() : err({ reason: 'policy_denied' })
}

function hasSamePlan(a: Access, b: Access): boolean {
  return a.obligations === b.obligations || JSON.stringify(a.obligations) === JSON.stringify(b.obligations)
}

/** A preflight that is not listed tells a page nothing of what is here. */
function routeRefusal(head: RequestHead, refusal: RouteRefusal): Refusal {
  return refusal.reason === 'unknown_route' && head.method === 'OPTIONS' ? { reason: 'preflight_refused' } : refusal
}

function ticketFor(resource: ResourceEntry | undefined, route: Route): Pick<Refusal, 'permission'> {
  if (resource === undefined || !resource.resource_scopes.includes(route.scope)) return {}
  return { permission: { resource_id: resource.id, resource_scopes: [route.scope] } }
}

function noteDecision(record: RequestRecord, access: AccessResult | GuardrailAnswer): void {
  const decision = access.ok ? access.value?.decision : access.error.decision
  if (access.ok && access.value !== undefined) record.policy = access.value.policy
  if (decision !== undefined) record.decision = decision.reasons.map((reason) => reason.code)
}
