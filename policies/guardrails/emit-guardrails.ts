// Guardrails to Rego nodes, in the order of the document. It writes no text and knows no condition by name.
import { conditionToRego, kindOf } from '../conditions/registry.ts'
import { expandWhat } from '../model/expand.ts'
import { type Expression, equal, literal, member, not, type Rule, ref, type Section, type Term, test } from '../rego/ast.ts'
import { closeModule, type EmittedModule } from '../rego/close-module.ts'
import { type EmitContext, emitPeople, nameGroups, whatFits, whoFits } from '../rego/emit-facts.ts'
import { LocalTimes } from '../rego/local-times.ts'
import { EVERYTHING } from '../words.ts'
import type { Guardrail, GuardrailSet } from './guardrail-set.ts'

/** `library`: the text of the fixed part that will stand behind the sections. */
export function emitGuardrails(set: GuardrailSet, library: string): EmittedModule {
  const groups = nameGroups(set)
  const locals = new LocalTimes()
  const guardrails = set.guardrails.map((guardrail, index) => emitGuardrail(guardrail, { groups, locals, vocabulary: set, number: index + 1 }))
  return closeModule([...emitPeople(set, groups), ...locals.sections(), ...guardrails], locals, library)
}

function emitGuardrail(guardrail: Guardrail, { number, ...context }: EmitContext & { readonly number: number }): Section {
  const head = ref(`guardrail_${number}`)
  const misses = ref(`misses_${number}`)
  const who = guardrail.who && whoFits(guardrail.who, { ...context, helper: `who_${number}`, email: ref('claimed_email'), link: '' })
  const what = whatFits(expandWhat(guardrail.what, context.vocabulary), `what_${number}`)
  const inForce = guardrail.inForce.map((condition) => conditionToRego(condition, context.locals))
  const required = (guardrail.require ?? []).map(
    (condition): Rule => ({ head: misses, contains: literal(kindOf(condition).reason), body: [not(conditionToRego(condition, context.locals))] }),
  )
  const value: Term = {
    term: 'object',
    members: [
      ['rule', literal(guardrail.name)],
      ['line', literal(guardrail.line)],
      ['always', literal(guardrail.require === undefined)],
      ['misses', required.length > 0 ? misses : literal.set([])],
    ],
  }
  const body = [...(who === undefined ? [] : [who.test]), test(ref(what.helper)), ...scopeFits(guardrail.may), ...inForce]
  const rules = [...(who?.rules ?? []), ...what.rules, { head, value, body }, ...required, { head: ref('fitting'), contains: head, body: [] }]
  return { comment: `line ${guardrail.line}: ${guardrail.name}`, rules }
}

function scopeFits(may: readonly string[]): readonly Expression[] {
  if (may.includes(EVERYTHING)) return []
  const [only, ...more] = may
  return only !== undefined && more.length === 0 ? [equal(ref('input.scope'), literal(only))] : [member(ref('input.scope'), literal.set(may))]
}
