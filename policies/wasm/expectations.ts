// Asks a module the owner's own questions (`expect`), each with its clock frozen. It changes nothing and saves nothing.

import type { Decision } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { Expectation, RuleSet, ThingWord } from '../model/rule-set.ts'
import type { PolicyModule } from '../runtime/policy-module.ts'

export interface Thing {
  readonly key: string
  readonly type: string
  readonly tags: readonly string[]
}

export interface ExpectationContext {
  readonly ruleSet: Pick<RuleSet, 'expect'>
  /** For rows without `at`: RFC 3339 in UTC with milliseconds. */
  readonly now: string
  readonly things: readonly Thing[]
}

export interface WrongAnswer {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** The rows that are answered otherwise than the owner expects, in the order of the text. */
export function checkExpectations(module: PolicyModule, context: ExpectationContext): readonly WrongAnswer[] {
  return context.ruleSet.expect.flatMap((row) => {
    const decision = module.evaluate(expectationInput(row, context))
    const { line, column, answer, because: code } = row
    if (decision.effect !== answer) return [{ line, column, message: `Expected ${answer}, but the decision is ${decision.effect}${because(decision)}.` }]
    if (code === undefined || decision.reasons.some((reason) => reason.code === code)) return []
    return [{ line, column, message: `Expected ${answer} because of ${code}, but the rules give other reasons${because(decision)}.` }]
  })
}

/** An address in a row counts as verified; a domain stands for some address in it. */
export function expectationInput(row: Expectation, { now, things }: Omit<ExpectationContext, 'ruleSet'>): DecisionInput {
  const { purpose = null, proof = null, acr = null, link = null, client, state = null, attributes = {} } = row.facts
  const party = { sub: 'expect', issuer: 'expect', client_id: client ?? 'expect', email: null, email_verified: false, device_id: null, acr, link }
  return {
    now: row.at ?? now,
    request: { method: 'GET', route: 'expect', ip: row.from ?? null, purpose },
    resource: { id: 'expect', owner: 'owner', device_id: null, ...thingOf(row.what, things), state, attributes },
    scope: row.may,
    party: { ...party, ...partyOf(row.who) },
    proof: { method: proof },
  }
}

function partyOf(who: Expectation['who']): Partial<DecisionInput['party']> {
  switch (who.kind) {
    case 'email':
      return { email: who.email, email_verified: true }
    case 'domain':
      return { email: `expect@${who.domain}`, email_verified: true }
    case 'subject':
      return { issuer: who.issuer, sub: who.subject }
    case 'client':
      return { client_id: who.client }
    case 'service':
      return { client_id: who.client, sub: who.client }
    case 'device':
      return { device_id: who.device }
    case 'anyone':
    case 'link':
      return {}
  }
}

function thingOf(what: ThingWord, things: readonly Thing[]): Pick<DecisionInput['resource'], 'key' | 'type' | 'tags'> & { readonly device_id?: string } {
  switch (what.kind) {
    case 'thing': {
      const { key, type, tags } = things.find((thing) => thing.key === what.name) ?? { key: what.name, type: '', tags: [] }
      return { key, type, tags }
    }
    case 'type':
      return { key: '', type: what.name, tags: [] }
    case 'tag':
      return { key: '', type: '', tags: [what.name] }
    case 'device':
      return { key: '', type: '', tags: [], device_id: what.name }
    case 'everything':
      return { key: '', type: '', tags: [] }
  }
}

function because({ reasons }: Decision): string {
  const parts = reasons.slice(0, 3).map(({ code, line }) => (line === undefined ? code : `${code} at line ${line}`))
  return ` (${parts.join(', ')})`
}
