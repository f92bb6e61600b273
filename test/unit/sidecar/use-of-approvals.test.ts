// TR63: an approval of one request is used up by each request that needs it, also where the rules began to ask while a limited use was written to disk.
import { expect, test } from 'vitest'
import type { Decision } from '../../../policies/contract/decision.ts'
import { ok } from '../../../protocol/result.ts'
import { countUse, type EnforcementParts } from '../../../sidecar/enforcement/enforce.ts'
import { createOnceApprovals } from '../../../sidecar/enforcement/once-approvals.ts'
import type { Permit } from '../../../sidecar/enforcement/verdict.ts'
import { applyFeedMessage, buildEmptyState } from '../../../sidecar/feed/feed-state.ts'
import { planObligations } from '../../../sidecar/obligations/answer-plan.ts'

const NOW = 1_800_000_000
const limit = { kind: 'limit', rule: 'Bob', uses: 5, per_seconds: null } as const
const decision = (effect: 'allow' | 'ask'): Decision => ({ effect, reasons: [], obligations: [limit] }) as unknown as Decision
const resource = {
  kind: 'resource',
  id: 'res-1',
  key: 'g-1',
  name: 'G',
  type: 'guitar',
  tags: [],
  resource_scopes: ['read'],
  owner: 'alice',
  device_id: null,
} as const

function stateWith(artifact: string) {
  const entries = [resource, { kind: 'owner', owner: 'alice', policy_revision: 1, artifact } as const]
  const message = { kind: 'snapshot', incarnation: 'i', revision: 1, digest: artifact, entries } as unknown as Parameters<typeof applyFeedMessage>[1]
  return applyFeedMessage(buildEmptyState(new Map()), message, NOW)
}

test('TR63: rules that begin to ask while a use is written use up the approval', async () => {
  const plan = planObligations([limit])
  if (!plan.ok) throw new Error(plan.error)
  let state = stateWith('allows')
  const approvals = createOnceApprovals(() => 0)
  approvals.begin(NOW - 10)
  const parts = {
    issuer: 'https://as.example',
    stateAt: () => state,
    guardrails: { check: async () => ok() },
    policies: { get: (digest: string) => ({ evaluate: () => decision(digest === 'asks' ? 'ask' : 'allow') }) },
    useLimits: {
      take: async () => {
        state = stateWith('asks')
        return ok()
      },
    },
    monotonic: () => 0,
    approvals,
  } as unknown as EnforcementParts
  const permissions = [{ resource_id: 'res-1', resource_scopes: ['read'], exp: NOW + 60, once: 'request read' }]
  const claims = { sub: 'bob', client_id: 'app', client_authenticated: true, iat: NOW, exp: NOW + 60, jti: 'j', scope: [], cnf: { jkt: 'k' }, permissions }
  const route = { method: 'GET', path: '/g/{id}', resource: '{id}', scope: 'read', name: 'GET /g/{id}' }
  const facts = { claims, route, resourceKey: 'g-1', purpose: null, proofMethod: 'dpop', ip: '', resource: state.resourcesByKey.get('g-1') }
  const permit = { ...facts, access: { policy: 'allows', obligations: plan.value, decision: decision('allow') } } as unknown as Permit

  expect(await countUse(permit, parts, NOW)).toEqual({ ok: true })
  state = stateWith('allows')
  expect(await countUse(permit, parts, NOW)).toMatchObject({ ok: false, error: { reason: 'approval_needed' } })
})
