// A module's answer, checked to the last member: a decision, or a fault. Nothing is repaired and nothing is guessed.
import type { Decision, Effect } from '../contract/decision.ts'
import type { Obligation } from '../contract/obligations.ts'
import { REASON_CODES, type Reason, type ReasonCode } from '../contract/reasons.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'
import { PolicyFault } from './policy-fault.ts'

const EFFECTS: ReadonlySet<unknown> = new Set<Effect>(['allow', 'deny', 'ask'])
const CODES: ReadonlySet<unknown> = new Set<ReasonCode>(REASON_CODES)

/** `results` is the result set of the entrypoint: exactly one row `{result: decision}`. */
export function checkResult(results: unknown): Decision {
  if (!Array.isArray(results) || results.length !== 1) throw new PolicyFault('the policy gave no single result')
  const row = members(results[0], ['result'], 'result set')
  const { effect, ask, reasons, obligations } = members(row['result'], ['effect', 'ask', 'reasons', 'obligations'], 'decision')
  if (!EFFECTS.has(effect)) throw new PolicyFault('the decision has an unknown effect')
  if (!Array.isArray(reasons) || reasons.length === 0) throw new PolicyFault('the decision has no reasons')
  if (!Array.isArray(obligations)) throw new PolicyFault('the decision has no list of obligations')
  if (ask !== undefined && (effect !== 'ask' || ask !== 'each_time')) throw new PolicyFault('the decision has an unknown mode of asking')
  const asked = ask === undefined ? {} : { ask: 'each_time' as const }
  return { effect: effect as Effect, ...asked, reasons: reasons.map(checkReason), obligations: obligations.map(checkObligation) }
}

function checkReason(value: unknown): Reason {
  const { code, rule, line } = members(value, ['code', 'rule', 'line'], 'reason')
  if (!CODES.has(code)) throw new PolicyFault('a reason has an unknown code')
  if (rule !== undefined && typeof rule !== 'string') throw new PolicyFault('the rule of a reason is not a string')
  if (line !== undefined && !(Number.isSafeInteger(line) && (line as number) > 0)) throw new PolicyFault('the line of a reason is not a line number')
  return { code: code as ReasonCode, ...(rule === undefined ? {} : { rule }), ...(line === undefined ? {} : { line: line as number }) }
}

function checkObligation(value: unknown): Obligation {
  const kind = OBLIGATION_KINDS.find((one) => one.kind === (value as Partial<Obligation> | null)?.kind)
  if (kind === undefined) throw new PolicyFault('an obligation has an unknown kind')
  const obligation = kind.check(members(value, ['kind', ...kind.members], 'obligation'))
  if (obligation === undefined) throw new PolicyFault(`the obligation ${kind.kind} has an invalid member`)
  return obligation
}

function members(value: unknown, allowed: readonly string[], what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PolicyFault(`the ${what} is not an object`)
  for (const name of Object.keys(value)) if (!allowed.includes(name)) throw new PolicyFault(`the ${what} has an unknown member`)
  return Object.assign(Object.create(null), value)
}
