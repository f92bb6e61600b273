// Rule set to Rego nodes, in the order of the document. It writes no text and knows no condition by name.

import type { RegoContext } from '../conditions/condition-kind.ts'
import { conditionToRego, kindOf } from '../conditions/registry.ts'
import type { Block, RuleSet, Share, What, Who } from '../model/rule-set.ts'
import { EVERYTHING } from '../words.ts'
import { call, equal, literal, member, not, type Rule, ref, type Section, some, type Term, test } from './ast.ts'

/** Stands for every scope or every thing among the keys: no name in a rule is empty. A request for this very name gains nothing, since those shares fit it anyway. */
const ANY = ''

const THIS_SCOPE = ref('input.scope')
const LOOKUPS: Readonly<Record<Exclude<What['kind'], 'everything'>, readonly Term[]>> = {
  thing: [ref('input.resource.key'), literal(ANY)],
  type: [ref('input.resource.type')],
  tag: [ref('tag')],
}

export function emitPolicy(ruleSet: RuleSet): readonly Section[] {
  const groups = new Map([...ruleSet.people.keys()].map((name, index) => [name, `people_${index + 1}`]))
  const locals = new LocalTimes()
  const shares = ruleSet.shares.map((share, index) => emitShare(share, { number: index + 1, groups, locals }))
  return [...emitPeople(ruleSet, groups), ...locals.sections(), ...shares, emitBlocks(ruleSet.block, groups), emitLookups(ruleSet.shares)]
}

type Groups = ReadonlyMap<string, string>

function emitPeople(ruleSet: RuleSet, groups: Groups): readonly Section[] {
  return [...ruleSet.people].map(([name, emails]) => ({
    comment: `people: ${name}`,
    rules: [{ head: ref(groupName(groups, name)), value: literal.set(emails), body: [] }],
  }))
}

interface ShareContext {
  readonly number: number
  readonly groups: Groups
  readonly locals: LocalTimes
}

function emitShare(share: Share, { number, groups, locals }: ShareContext): Section {
  const head = ref(`share_${number}`)
  const misses = ref(`misses_${number}`)
  const conditions = share.conditions.map(
    (condition): Rule => ({
      head: misses,
      contains: literal(kindOf(condition).reason),
      body: [not(conditionToRego(condition, locals))],
    }),
  )
  const value: Term = {
    term: 'object',
    members: [
      ['rule', literal(share.name)],
      ['line', literal(share.line)],
      ['ask', literal(share.ask)],
      ['hide', literal(share.hide)],
      ['misses', conditions.length > 0 ? misses : literal.set([])],
    ],
  }
  const keys = share.what.flatMap((what) => share.may.map((scope): Rule => ({ head: shareKey(what, scope), contains: head, body: [] })))
  const who = whoFits(share.who, { helper: `who_${number}`, email: ref('caller_email'), groups })
  return { comment: `line ${share.line}: ${share.name}`, rules: [...who.rules, { head, value, body: [who.test] }, ...conditions, ...keys] }
}

function shareKey(what: What, scope: string): Rule['head'] {
  const place = what.kind === 'everything' ? { kind: 'thing', name: ANY } : what
  return ref(`shares.${place.kind}`, literal(place.name), literal(scope === EVERYTHING ? ANY : scope))
}

interface WhoContext {
  /** Name of a rule, made only where one test does not do. */
  readonly helper: string
  readonly email: Term
  readonly groups: Groups
}

function whoFits(who: readonly Who[], { helper, email, groups }: WhoContext): { readonly rules: readonly Rule[]; readonly test: Rule['body'][number] } {
  if (who.some((one) => one.kind === 'anyone')) return { rules: [], test: test(call('signed_in', ref('input.party.sub'))) }
  const emails = who.flatMap((one) => (one.kind === 'email' ? [one.email] : []))
  const named = who.flatMap((one) => (one.kind === 'group' ? [ref(groupName(groups, one.name))] : []))
  const alone = emails.length === 1 ? emails.map((one) => equal(email, literal(one))) : []
  const several = emails.length > 1 ? [member(email, literal.set(emails))] : []
  const tests = [...named.map((set) => member(email, set)), ...alone, ...several]
  const [only, ...others] = tests
  if (only !== undefined && others.length === 0) return { rules: [], test: only }
  return { rules: tests.map((one) => ({ head: ref(helper), body: [one] })), test: test(ref(helper)) }
}

function emitBlocks(blocks: readonly Block[], groups: Groups): Section {
  const rules = blocks.flatMap((block, index): readonly Rule[] => {
    const who = whoFits(block.who, { helper: `blocked_${index + 1}`, email: ref('claimed_email'), groups })
    const name = block.name === undefined ? [] : ([['rule', literal(block.name)]] as const)
    const reason: Term = { term: 'object', members: [['code', literal('blocked')], ['line', literal(block.line)], ...name] }
    return [...who.rules, { head: ref('blocked'), contains: { term: 'array', items: [literal(block.line), reason] }, body: [who.test] }]
  })
  return { comment: 'block', rules: rules.length > 0 ? rules : [{ head: ref('blocked'), value: literal.set([]), body: [] }] }
}

/** Only the look-ups that some share can answer; each goes straight to the shares of this thing and this ability. */
function emitLookups(shares: readonly Share[]): Section {
  const used = new Set(shares.flatMap((share) => share.what.map((what) => (what.kind === 'everything' ? 'thing' : what.kind))))
  const rules = (['thing', 'type', 'tag'] as const).flatMap((kind) => (used.has(kind) ? LOOKUPS[kind].flatMap((key) => lookups(kind, key)) : []))
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
class LocalTimes implements RegoContext {
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
