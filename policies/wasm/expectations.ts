// Asks a module the owner's own questions (`expect`), each with its clock frozen. It changes nothing and saves nothing.

import type { Decision } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { Expectation, RuleSet, What } from '../model/rule-set.ts'
import type { PolicyModule } from '../runtime/policy-module.ts'

export interface Thing {
  readonly key: string
  readonly type: string
  readonly tags: readonly string[]
}

export interface ExpectationContext {
  readonly ruleSet: RuleSet
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
    if (decision.effect === row.answer) return []
    return [{ line: row.line, column: row.column, message: `Expected ${row.answer}, but the rules answer ${decision.effect}${because(decision)}.` }]
  })
}

/** An address in a row counts as verified. */
export function expectationInput(row: Expectation, { now, things }: ExpectationContext): DecisionInput {
  const email = row.who.kind === 'email' ? row.who.email : null
  return {
    now: row.at ?? now,
    request: { method: 'GET', route: 'expect', ip: row.from ?? null },
    resource: { id: 'expect', owner: 'owner', device_id: null, ...thingOf(row.what, things) },
    scope: row.may,
    party: { sub: 'expect', issuer: 'expect', client_id: 'expect', email, email_verified: email !== null, device_id: null },
  }
}

function thingOf(what: What, things: readonly Thing[]): Thing {
  switch (what.kind) {
    case 'thing':
      return things.find((thing) => thing.key === what.name) ?? { key: what.name, type: '', tags: [] }
    case 'type':
      return { key: '', type: what.name, tags: [] }
    case 'tag':
      return { key: '', type: '', tags: [what.name] }
    case 'everything':
      return { key: '', type: '', tags: [] }
  }
}

function because({ reasons }: Decision): string {
  const parts = reasons.slice(0, 3).map(({ code, line }) => (line === undefined ? code : `${code} at line ${line}`))
  return ` (${parts.join(', ')})`
}
