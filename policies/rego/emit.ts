// Rule set to Rego nodes, in the order of the document. It writes no text and knows no condition by name.

import type { RegoContext } from '../conditions/condition-kind.ts'
import { conditionToRego, kindOf } from '../conditions/registry.ts'
import { expandWhat, expandWho } from '../model/expand.ts'
import type { RuleSet, Share, Stop, ThingWord, Vocabulary, Who } from '../model/rule-set.ts'
import { EVERYTHING } from '../words.ts'
import { call, type Expression, equal, type Json, literal, member, not, type Rule, ref, type Section, some, type Term, test } from './ast.ts'

/** Stands for every scope or every thing among the keys: no name in a rule is empty. A request for this very name gains nothing, since those shares fit it anyway. */
const ANY = ''

const THIS_SCOPE = ref('input.scope')
const LOOKUPS: Readonly<Record<Exclude<ThingWord['kind'], 'everything'>, readonly Term[]>> = {
  thing: [ref('input.resource.key'), literal(ANY)],
  type: [ref('input.resource.type')],
  tag: [ref('tag')],
  device: [ref('input.resource.device_id')],
}

export function emitPolicy(ruleSet: RuleSet): readonly Section[] {
  const groups = nameGroups(ruleSet)
  const locals = new LocalTimes()
  const context = { groups, locals, vocabulary: ruleSet }
  const shares = ruleSet.shares.map((share, index) => emitShare(share, { ...context, number: index + 1 }))
  const stops = [emitStops('blocked', ruleSet.block, context), emitStops('paused', ruleSet.pause, context)]
  return [...emitPeople(ruleSet, groups), ...locals.sections(), ...shares, ...stops, emitLookups(ruleSet)]
}

export function nameGroups({ people }: Pick<Vocabulary, 'people'>): Groups {
  return new Map([...people.keys()].map((name, index) => [name, `people_${index + 1}`]))
}

/** The rule that holds a name's addresses, by name. */
export type Groups = ReadonlyMap<string, string>

export function emitPeople({ people: names }: Pick<Vocabulary, 'people'>, groups: Groups): readonly Section[] {
  return [...names].map(([name, people]) => ({
    comment: `people: ${name}`,
    rules: [{ head: ref(groupName(groups, name)), value: literal.set(people.flatMap((one) => (one.kind === 'email' ? [one.email] : []))), body: [] }],
  }))
}

export interface EmitContext {
  readonly groups: Groups
  readonly locals: LocalTimes
  readonly vocabulary: Vocabulary
}

function emitShare(share: Share, { number, ...context }: EmitContext & { readonly number: number }): Section {
  const head = ref(`share_${number}`)
  const misses = ref(`misses_${number}`)
  const conditions = share.conditions.map(
    (condition): Rule => ({
      head: misses,
      contains: literal(kindOf(condition).reason),
      body: [not(conditionToRego(condition, context.locals))],
    }),
  )
  const value: Term = {
    term: 'object',
    members: [
      ['rule', literal(share.name)],
      ['line', literal(share.line)],
      ['ask', literal(share.ask)],
      ['obligations', literal(share.obligations as readonly unknown[] as readonly Json[])],
      ['misses', conditions.length > 0 ? misses : literal.set([])],
    ],
  }
  const keys = expandWhat(share.what, context.vocabulary).flatMap((what) =>
    share.may.map((scope): Rule => ({ head: shareKey(what, scope), contains: head, body: [] })),
  )
  const who = whoFits(share.who, { ...context, helper: `who_${number}`, email: ref('caller_email'), link: share.name })
  return { comment: `line ${share.line}: ${share.name}`, rules: [...who.rules, { head, value, body: [who.test] }, ...conditions, ...keys] }
}

function shareKey(what: ThingWord, scope: string): Rule['head'] {
  const place = what.kind === 'everything' ? { kind: 'thing', name: ANY } : what
  return ref(`shares.${place.kind}`, literal(place.name), literal(scope === EVERYTHING ? ANY : scope))
}

export interface WhoContext extends EmitContext {
  /** Name of a rule, made only where one test does not do. */
  readonly helper: string
  readonly email: Term
  /** The share's name, which its link has. */
  readonly link: string
}

export function whoFits(
  who: readonly Who[],
  { helper, email, groups, vocabulary, link }: WhoContext,
): { readonly rules: readonly Rule[]; readonly test: Rule['body'][number] } {
  if (who.some((one) => one.kind === 'anyone')) return { rules: [], test: test(call('signed_in', ref('input.party.sub'))) }
  const emails = who.flatMap((one) => (one.kind === 'email' ? [one.email] : []))
  const named = who.flatMap((one) => (one.kind === 'group' && hasAddress(one.name, vocabulary) ? [ref(groupName(groups, one.name))] : []))
  const alone = emails.length === 1 ? emails.map((one) => equal(email, literal(one))) : []
  const several = emails.length > 1 ? [member(email, literal.set(emails))] : []
  const others = expandWho(who, vocabulary).flatMap((one) => otherTest(one, { email, link }))
  const tests = [...named.map((set) => member(email, set)), ...alone, ...several, ...others]
  const [only, ...more] = tests
  if (only !== undefined && more.length === 0) return { rules: [], test: only }
  return { rules: tests.map((one) => ({ head: ref(helper), body: [one] })), test: test(ref(helper)) }
}

function hasAddress(name: string, { people }: Vocabulary): boolean {
  return (people.get(name) ?? []).some((one) => one.kind === 'email')
}

/** For all who are named otherwise than by an address. */
function otherTest(who: Exclude<Who, { readonly kind: 'group' }>, { email, link }: Pick<WhoContext, 'email' | 'link'>): readonly Expression[] {
  switch (who.kind) {
    case 'email':
    case 'anyone':
      return []
    case 'domain':
      return [test(call('endswith', email, literal(`@${who.domain}`)))]
    case 'subject':
      return [test(call('is_subject', literal(who.issuer), literal(who.subject)))]
    case 'client':
      return [test(call('through_client', literal(who.client)))]
    case 'service':
      return [test(call('is_service', literal(who.client)))]
    case 'device':
      return [test(call('is_device', literal(who.device)))]
    case 'link':
      return [equal(ref('input.party.link'), literal(link))]
  }
}

function emitStops(head: 'blocked' | 'paused', stops: readonly Stop[], context: EmitContext): Section {
  const rules = stops.flatMap((stop, index): readonly Rule[] => {
    const who = stop.who && whoFits(stop.who, { ...context, helper: `${head}_${index + 1}`, email: ref('claimed_email'), link: stop.name ?? '' })
    const what = stop.what && whatFits(expandWhat(stop.what, context.vocabulary), `${head}_things_${index + 1}`)
    const name = stop.name === undefined ? [] : ([['rule', literal(stop.name)]] as const)
    const reason: Term = { term: 'object', members: [['code', literal(head)], ['line', literal(stop.line)], ...name] }
    const conditions = stop.conditions.map((condition) => conditionToRego(condition, context.locals))
    const body = [...(who === undefined ? [] : [who.test]), ...(what === undefined ? [] : [test(ref(what.helper))]), ...conditions]
    return [...(who?.rules ?? []), ...(what?.rules ?? []), { head: ref(head), contains: { term: 'array', items: [literal(stop.line), reason] }, body }]
  })
  return { comment: head === 'blocked' ? 'block' : 'pause', rules: rules.length > 0 ? rules : [{ head: ref(head), value: literal.set([]), body: [] }] }
}

export function whatFits(what: readonly ThingWord[], helper: string): { readonly rules: readonly Rule[]; readonly helper: string } {
  return { helper, rules: what.map((one) => ({ head: ref(helper), body: [whatTest(one)] })) }
}

function whatTest(what: ThingWord): Expression {
  switch (what.kind) {
    case 'everything':
      return test(literal(true))
    case 'thing':
      return equal(ref('input.resource.key'), literal(what.name))
    case 'type':
      return equal(ref('input.resource.type'), literal(what.name))
    case 'device':
      return equal(ref('input.resource.device_id'), literal(what.name))
    case 'tag':
      return member(literal(what.name), ref('input.resource.tags'))
  }
}

/** Only the look-ups that some share can answer; each goes straight to the shares of this thing and this ability. */
function emitLookups(ruleSet: RuleSet): Section {
  const used = new Set(ruleSet.shares.flatMap((share) => expandWhat(share.what, ruleSet).map((what) => (what.kind === 'everything' ? 'thing' : what.kind))))
  const rules = (['thing', 'type', 'tag', 'device'] as const).flatMap((kind) => (used.has(kind) ? LOOKUPS[kind].flatMap((key) => lookups(kind, key)) : []))
  return { comment: 'look-ups; "" stands for everything', rules: rules.length > 0 ? rules : [{ head: ref('candidates'), value: literal.set([]), body: [] }] }
}

function lookups(kind: string, key: Term): readonly Rule[] {
  const tags = kind === 'tag' ? [some('tag', ref('input.resource.tags'))] : []
  return [THIS_SCOPE, literal(ANY)].map((scope) => ({
    head: ref('candidates'),
    contains: ref('share'),
    body: [...tags, some('share', ref(`shares.${kind}`, key, scope))],
  }))
}

function groupName(groups: Groups, name: string): string {
  const found = groups.get(name)
  if (found === undefined) throw new TypeError('a share names a group that the document does not have')
  return found
}

const LOCAL_PARTS = {
  weekday: (now: Term) => call('time.weekday', now),
  minute: (now: Term) => call('minute_of_day', call('time.clock', now)),
  date: (now: Term) => call('time.date', now),
} as const

/** One rule for each zone and part of the local time that a condition reads. */
export class LocalTimes implements RegoContext {
  readonly #zones: string[] = []
  readonly #rules = new Map<string, Rule>()

  local(part: keyof typeof LOCAL_PARTS, timezone: string): Term {
    if (!this.#zones.includes(timezone)) this.#zones.push(timezone)
    const head = ref(`${part}_${this.#zones.indexOf(timezone) + 1}`)
    const now: Term = { term: 'array', items: [ref('now_ns'), literal(timezone)] }
    this.#rules.set(head.name, { head, value: LOCAL_PARTS[part](now), body: [] })
    return head
  }

  sections(): readonly Section[] {
    return this.#rules.size === 0 ? [] : [{ comment: 'local times', rules: [...this.#rules.values()] }]
  }
}
