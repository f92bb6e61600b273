// Guardrails to Rego nodes, in the order of the document. It writes no text and knows no condition by name.
import { conditionToRego, kindOf } from '../conditions/registry.ts'
import { expandWhat } from '../model/expand.ts'
import type { ThingWord, Who } from '../model/rule-set.ts'
import { call, type Expression, equal, literal, member, not, type Rule, ref, type Section, some, type Term, test } from '../rego/ast.ts'
import { closeModule, type EmittedModule } from '../rego/close-module.ts'
import { type EmitContext, emitPeople, type Fit, nameGroups, type WhoContext, whoFits } from '../rego/emit-facts.ts'
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
  const who = guardrail.who && emitWho(guardrail.who, { ...context, helper: `who_${number}`, email: ref('claimed_email'), link: '' })
  const what = ref(`what_${number}`)
  const whatRules = emitWhat(expandWhat(guardrail.what, context.vocabulary)).map((body): Rule => ({ head: what, body }))
  const inForce = guardrail.inForce.map((condition) => conditionToRego(condition, context.locals))
  const required = (guardrail.require ?? []).flatMap((condition): readonly Rule[] => {
    // A rule of its own: "not" before a test of a fact that is missing would be neither true nor false, and the miss would go unseen.
    const met = ref(`met_${number}_${condition.kind}`)
    return [
      { head: met, body: [conditionToRego(condition, context.locals)] },
      { head: misses, contains: literal(kindOf(condition).reason), body: [not(test(met))] },
    ]
  })
  const value: Term = {
    term: 'object',
    members: [
      ['rule', literal(guardrail.name)],
      ['line', literal(guardrail.line)],
      ['always', literal(guardrail.require === undefined)],
      ['misses', required.length > 0 ? misses : literal.set([])],
    ],
  }
  const body = [...(who === undefined ? [] : [who.test]), test(what), ...scopeFits(guardrail.may), ...inForce]
  const rules = [...(who?.rules ?? []), ...whatRules, { head, value, body }, ...required, { head: ref('fitting'), contains: head, body: [] }]
  return { comment: `line ${guardrail.line}: ${guardrail.name}`, rules }
}

/** Not everyone whose address is claimed has signed in, so that the two are looked at apart. */
function emitWho(who: readonly Who[], context: WhoContext): Fit {
  const named = who.filter((one) => one.kind !== 'anyone')
  if (named.length === 0 || named.length === who.length) return whoFits(who, context)
  const head = ref(context.helper)
  const fits = whoFits(named, { ...context, helper: `named_${context.helper}` })
  return { rules: [...fits.rules, { head, body: [fits.test] }, { head, body: [test(call('signed_in', ref('input.party.sub')))] }], test: test(head) }
}

function scopeFits(may: readonly string[]): readonly Expression[] {
  return may.includes(EVERYTHING) ? [] : [oneOf(ref('input.scope'), may)]
}

/** Bodies, one of which has to hold; a single one for all words of a kind, so that long lists cost little. */
function emitWhat(what: readonly ThingWord[]): readonly (readonly Expression[])[] {
  if (what.some((one) => one.kind === 'everything')) return [[test(literal(true))]]
  return (['thing', 'type', 'device', 'tag'] as const).flatMap((kind) => {
    const names = [...new Set(what.flatMap((one) => (one.kind === kind ? [one.name] : [])))]
    if (names.length === 0) return []
    return kind === 'tag' ? [[some('tag', ref('input.resource.tags')), oneOf(ref('tag'), names)]] : [[oneOf(THING_FACTS[kind], names)]]
  })
}

const THING_FACTS = { thing: ref('input.resource.key'), type: ref('input.resource.type'), device: ref('input.resource.device_id') } as const

function oneOf(fact: Term, words: readonly string[]): Expression {
  const [only, ...more] = words
  return only !== undefined && more.length === 0 ? equal(fact, literal(only)) : member(fact, literal.set(words))
}
