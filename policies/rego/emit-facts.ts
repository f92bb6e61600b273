// The tests of who and what as Rego nodes, for shares, stops and guardrails alike. They decide nothing.
import { expandWho } from '../model/expand.ts'
import type { ThingWord, Vocabulary, Who } from '../model/rule-set.ts'
import { call, type Expression, equal, literal, member, type Rule, ref, type Section, type Term, test } from './ast.ts'
import type { LocalTimes } from './local-times.ts'

/** The rule that holds a name's addresses, by name. */
export type Groups = ReadonlyMap<string, string>

export interface EmitContext {
  readonly groups: Groups
  readonly locals: LocalTimes
  readonly vocabulary: Vocabulary
}

export interface WhoContext extends EmitContext {
  /** Name of a rule, made only where one test does not do. */
  readonly helper: string
  readonly email: Term
  /** The share's name, which its link has. */
  readonly link: string
}

export function nameGroups({ people }: Pick<Vocabulary, 'people'>): Groups {
  return new Map([...people.keys()].map((name, index) => [name, `people_${index + 1}`]))
}

export function emitPeople({ people: names }: Pick<Vocabulary, 'people'>, groups: Groups): readonly Section[] {
  return [...names].map(([name, people]) => ({
    comment: `people: ${name}`,
    rules: [{ head: ref(groupName(groups, name)), value: literal.set(people.flatMap((one) => (one.kind === 'email' ? [one.email] : []))), body: [] }],
  }))
}

export interface Fit {
  readonly rules: readonly Rule[]
  readonly test: Expression
}

export function whoFits(who: readonly Who[], { helper, email, groups, vocabulary, link }: WhoContext): Fit {
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

export function whatFits(what: readonly ThingWord[], helper: string): { readonly rules: readonly Rule[]; readonly helper: string } {
  return { helper, rules: what.map((one) => ({ head: ref(helper), body: [whatTest(one)] })) }
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

function groupName(groups: Groups, name: string): string {
  const found = groups.get(name)
  if (found === undefined) throw new TypeError('a rule names a group that the document does not have')
  return found
}
