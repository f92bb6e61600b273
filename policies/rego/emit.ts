// Rule set to Rego nodes, in the order of the document. It writes no text and knows no condition by name.
import { type Condition, conditionToRego, kindOf, stopConditionToRego } from '../conditions/registry.ts'
import { expandWhat } from '../model/expand.ts'
import type { RuleSet, Share, Stop, ThingWord } from '../model/rule-set.ts'
import { EVERYTHING } from '../words.ts'
import { call, type Json, literal, member, type Rule, ref, type Section, some, type Term, test } from './ast.ts'
import { closeModule, type EmittedModule } from './close-module.ts'
import { type EmitContext, emitPeople, nameGroups, whatFits, whoFits } from './emit-facts.ts'
import { LocalTimes } from './local-times.ts'

/** Stands for every scope or every thing among the keys: no name in a rule is empty. A request for this very name gains nothing, since those shares fit it anyway. */
const ANY = ''

type LookupKind = Exclude<ThingWord['kind'], 'everything'>

/** `library`: the text of the fixed part that will stand behind the sections. */
export function emitPolicy(ruleSet: RuleSet, library: string): EmittedModule {
  const context: PolicyContext = { groups: nameGroups(ruleSet), locals: new LocalTimes(), vocabulary: ruleSet, misses: new Misses() }
  const { shares: all, block, pause } = ruleSet
  const shares = all.map((share, index) => emitShare(share, { ...context, key: String(index + 1).padStart(String(all.length).length, '0') }))
  const rest = [emitStops([...block.map(blocked), ...pause.map(paused)], context), emitLookups(ruleSet)]
  const conditions = context.misses.sections(context)
  const rules = [...context.locals.sections(), ...conditions, ...(shares.length > 0 ? shares : [NO_SHARES]), ...rest]
  return closeModule([...emitPeople(ruleSet, context.groups), ...rules], context.locals, library)
}

interface PolicyContext extends EmitContext {
  readonly misses: Misses
}

const NO_SHARES: Section = { comment: 'no shares', rules: [{ head: ref('share'), value: literal({}), body: [] }] }

/** The conditions of all shares, each once: a rule that holds the reason where it does not hold, and nothing where it does. */
class Misses {
  readonly #names = new Map<string, { readonly name: string; readonly condition: Condition }>()
  readonly #counts = new Map<string, number>()

  of(condition: Condition): Term {
    const text = JSON.stringify(condition)
    const known = this.#names.get(text)
    if (known !== undefined) return ref(known.name)
    const { reason } = kindOf(condition)
    const number = (this.#counts.get(reason) ?? 0) + 1
    this.#counts.set(reason, number)
    const name = `${reason}_${number}`
    this.#names.set(text, { name, condition })
    return ref(name)
  }

  sections({ locals }: EmitContext): readonly Section[] {
    return [...this.#names.values()].map(({ name, condition }) => {
      const { reason, sentence } = kindOf(condition)
      const rule: Rule = { head: ref(name), value: literal([]), body: [conditionToRego(condition, locals)], otherwise: literal([reason]) }
      return { comment: sentence(condition), rules: [rule] }
    })
  }
}

/** `key`: the share's place in the document, of one width for all, so that keys sort as places do. Texts are looked up at once, numbers one after the other. */
function emitShare(share: Share, { key, misses, ...context }: PolicyContext & { readonly key: string }): Section {
  const who = whoFits(share.who, { ...context, helper: `who_${key}`, email: ref('caller_email'), link: share.name })
  const value: Term = {
    term: 'object',
    members: [
      ['rule', literal(share.name)],
      ['line', literal(share.line)],
      ['ask', literal(share.ask)],
      ['obligations', literal(share.obligations as readonly unknown[] as readonly Json[])],
      ['misses', allMisses(share.conditions, misses)],
    ],
  }
  const pairs = expandWhat(share.what, context.vocabulary).flatMap((what) =>
    share.may.map((scope): Rule => ({ head: pairKey(what, scope), contains: literal(key), body: [who.test] })),
  )
  return { comment: `line ${share.line}: ${share.name}`, rules: [...who.rules, { head: ref('share', literal(key)), value, body: [] }, ...pairs] }
}

/** In the order of the codes, as the answer gives them. */
function allMisses(conditions: readonly Condition[], misses: Misses): Term {
  const terms = [...conditions].sort((a, b) => (kindOf(a).reason < kindOf(b).reason ? -1 : 1)).map((condition) => misses.of(condition))
  const [first = literal([]), ...more] = terms
  return more.reduce((all, one) => call('array.concat', all, one), first)
}

function pairKey(what: ThingWord, scope: string): Rule['head'] {
  const place = what.kind === 'everything' ? { kind: 'thing', name: ANY } : what
  return ref(`shares.${place.kind}`, literal(place.name), literal(scope === EVERYTHING ? ANY : scope))
}

interface CodedStop {
  readonly stop: Stop
  readonly code: 'blocked' | 'paused'
}

const blocked = (stop: Stop): CodedStop => ({ stop, code: 'blocked' })
const paused = (stop: Stop): CodedStop => ({ stop, code: 'paused' })

function emitStops(stops: readonly CodedStop[], context: EmitContext): Section {
  const rules = stops.flatMap((one, index) => emitStop(one, { ...context, number: index + 1 }))
  const none: Rule = { head: ref('stopped'), value: literal([]), body: [] }
  const some: Rule = { head: ref('stopped'), value: call('reasons_to_stop', ref('stops')), body: [] }
  return { comment: 'block and pause', rules: rules.length > 0 ? [...rules, some] : [none] }
}

function emitStop({ stop, code }: CodedStop, { number, ...context }: EmitContext & { readonly number: number }): readonly Rule[] {
  const who = stop.who && whoFits(stop.who, { ...context, helper: `stopped_people_${number}`, email: ref('claimed_email'), link: stop.name ?? '' })
  const what = stop.what && whatFits(expandWhat(stop.what, context.vocabulary), `stopped_things_${number}`)
  const name = stop.name === undefined ? [] : ([['rule', literal(stop.name)]] as const)
  const reason: Term = { term: 'object', members: [['code', literal(code)], ['line', literal(stop.line)], ...name] }
  const scope = stop.may === undefined || stop.may.includes(EVERYTHING) ? [] : [member(ref('input.scope'), literal.set(stop.may))]
  const conditions = stop.conditions.map((condition) => stopConditionToRego(condition, context.locals))
  const body = [...(who === undefined ? [] : [who.test]), ...(what === undefined ? [] : [test(ref(what.helper))]), ...scope, ...conditions]
  return [...(who?.rules ?? []), ...(what?.rules ?? []), { head: ref('stops'), contains: { term: 'array', items: [literal(number), reason] }, body }]
}

const LOOKUP_KEYS: Readonly<Record<LookupKind, Term>> = {
  thing: ref('input.resource.key'),
  type: ref('input.resource.type'),
  tag: ref('tag'),
  device: ref('input.resource.device_id'),
}

/** Only the look-ups that some share can answer; each goes straight to the shares of this thing and this ability. */
function emitLookups(ruleSet: RuleSet): Section {
  const used = new Set(
    ruleSet.shares.flatMap((share) =>
      expandWhat(share.what, ruleSet).flatMap((what) => share.may.map((scope) => `${what.kind} ${scope === EVERYTHING ? 'any' : 'one'}`)),
    ),
  )
  const rules = (['thing', 'type', 'tag', 'device', 'everything'] as const).flatMap((kind) =>
    [
      { name: 'one', scope: ref('input.scope') },
      { name: 'any', scope: literal(ANY) },
    ].flatMap(({ name, scope }) => (used.has(`${kind} ${name}`) ? [lookup(kind, scope)] : [])),
  )
  return { comment: 'look-ups; "" stands for everything', rules: rules.length > 0 ? rules : [{ head: ref('matching'), value: literal.set([]), body: [] }] }
}

function lookup(kind: ThingWord['kind'], scope: Term): Rule {
  const tags = kind === 'tag' ? [some('tag', ref('input.resource.tags'))] : []
  const found = kind === 'everything' ? ref('shares.thing', literal(ANY), scope) : ref(`shares.${kind}`, LOOKUP_KEYS[kind], scope)
  return { head: ref('matching'), contains: ref('key'), body: [...tags, some('key', found)] }
}
