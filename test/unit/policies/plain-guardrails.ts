// The meaning of guardrails in a few lines, by the conditions' own reading in TypeScript: what the compiled module is compared with.
import { type Condition, kindOf } from '../../../policies/conditions/registry.ts'
import type { Decision } from '../../../policies/contract/decision.ts'
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'
import type { Reason } from '../../../policies/contract/reasons.ts'
import type { Guardrail, GuardrailSet } from '../../../policies/guardrails/guardrail-set.ts'
import { expandWhat, expandWho } from '../../../policies/model/expand.ts'

export function readGuardrailsPlainly(set: GuardrailSet, input: DecisionInput): Decision {
  const reasons = set.guardrails.flatMap((guardrail) => reasonsOf(guardrail, set, input))
  if (reasons.length === 0) return { effect: 'allow', reasons: [{ code: 'no_guardrail' }], obligations: [] }
  return { effect: 'deny', reasons, obligations: [] }
}

function reasonsOf(guardrail: Guardrail, set: GuardrailSet, input: DecisionInput): readonly Reason[] {
  const { name: rule, line, may, inForce, require } = guardrail
  const holds = (one: Condition) => kindOf(one).holds(one, input)
  const isAbility = may.includes('everything') || may.includes(input.scope)
  if (!isAbility || !fitsWho(guardrail, set, input) || !fitsWhat(guardrail, set, input) || !inForce.every(holds)) return []
  const missed = (require ?? []).filter((one) => !holds(one)).map((one) => kindOf(one).reason)
  if (require !== undefined && missed.length === 0) return []
  return ['guardrail' as const, ...missed.sort()].map((code) => ({ code, line, rule }))
}

/** The claimed address counts, verified or not. */
function fitsWho({ who }: Guardrail, set: GuardrailSet, { party }: DecisionInput): boolean {
  if (who === undefined) return true
  return expandWho(who, set).some((one) => isWho(one, party))
}

function isWho(one: ReturnType<typeof expandWho>[number], party: DecisionInput['party']): boolean {
  const email = party.email?.toLowerCase() ?? ''
  switch (one.kind) {
    case 'email':
      return one.email === email
    case 'domain':
      return email.endsWith(`@${one.domain}`)
    case 'subject':
      return party.sub !== '' && one.subject === party.sub && one.issuer === party.issuer
    case 'client':
      return party.sub !== '' && one.client === party.client_id
    case 'service':
      return one.client === party.client_id && one.client === party.sub && party.device_id === null
    case 'device':
      return party.sub !== '' && one.device === party.device_id
    case 'anyone':
      return party.sub !== ''
    case 'link':
      return false
  }
}

function fitsWhat({ what }: Guardrail, set: GuardrailSet, { resource }: DecisionInput): boolean {
  return expandWhat(what, set).some((one) => isWhat(one, resource))
}

function isWhat(one: ReturnType<typeof expandWhat>[number], resource: DecisionInput['resource']): boolean {
  switch (one.kind) {
    case 'everything':
      return true
    case 'thing':
      return one.name === resource.key
    case 'type':
      return one.name === resource.type
    case 'tag':
      return resource.tags.includes(one.name)
    case 'device':
      return one.name === resource.device_id
  }
}
