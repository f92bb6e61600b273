// What the owner's policy is told of a request (policies/contract/decision-input.ts): exactly these fields, absent facts as null.
import type { DecisionInput } from '../../policies/contract/decision-input.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Question } from './owner-policy.ts'

export function buildDecisionInput({ claims, route, resource, ip, issuer, purpose, proofMethod, deviceState }: Question, now: EpochSeconds): DecisionInput {
  return {
    now: new Date(now * 1000).toISOString(),
    request: { method: route.method, route: route.name, ip: ip === '' ? null : ip, purpose },
    resource: {
      id: resource.id,
      key: resource.key,
      type: resource.type,
      tags: resource.tags,
      owner: resource.owner,
      device_id: resource.device_id,
      state: deviceState,
      // Nobody tells the sidecar of these yet: conditions on them do not hold.
      attributes: {},
    },
    scope: route.scope,
    party: {
      sub: claims.sub,
      issuer,
      client_id: claims.client_id,
      email: claims.email ?? null,
      email_verified: claims.email_verified ?? false,
      device_id: claims.device_id ?? null,
      // Access tokens do not carry these yet: conditions on them do not hold.
      acr: null,
      link: null,
    },
    proof: { method: proofMethod },
  }
}
