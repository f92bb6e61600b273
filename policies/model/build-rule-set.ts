// Values that passed the schema become the rule set: words are resolved, conditions are read, all mistakes are gathered.
import { isIP } from 'node:net'
import type { ConditionKind, Mistake } from '../conditions/condition-kind.ts'
import { parseInstant } from '../conditions/instant.ts'
import { checkTimezone } from '../conditions/local-time.ts'
import { CONDITION_KINDS } from '../conditions/registry.ts'
import { type Complaint, createLocator, type Position } from '../diagnostic.ts'
import { err, ok, type Result } from '../result.ts'
import { childPointer, type YamlText } from '../yaml/read-yaml.ts'
import { hasControl, parseWhat, parseWho } from './names.ts'
import type { Block, Condition, Expectation, RuleSet, Share, What, Who } from './rule-set.ts'

/** Each pair of `what` and `may` is a rule of the module; this many compile in a few seconds. */
export const POLICY_PAIRS_MAX = 5000

interface RawShare extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly who: readonly string[]
  readonly what: readonly string[]
  readonly may: readonly string[]
  readonly only?: Readonly<Record<string, unknown>>
  readonly hide?: readonly string[]
  readonly ask?: boolean
}

interface RawExpectation {
  readonly who: string
  readonly what: string
  readonly may: string
  readonly at?: string
  readonly from?: string
  readonly answer: Expectation['answer']
}

interface RawPolicy {
  readonly timezone?: string
  readonly people?: Readonly<Record<string, readonly string[]>>
  readonly shares?: readonly RawShare[]
  readonly block?: readonly { readonly name?: string; readonly who: readonly string[] }[]
  readonly expect?: readonly RawExpectation[]
}

export function buildRuleSet(yaml: YamlText, text: string): Result<RuleSet, Complaint[]> {
  const reading = new Reading(yaml, text, yaml.value as RawPolicy)
  const ruleSet = reading.ruleSet()
  return reading.complaints.length > 0 ? err(reading.complaints) : ok(ruleSet)
}

class Reading {
  readonly complaints: Complaint[] = []
  readonly #yaml: YamlText
  readonly #locate: (offset: number) => Position
  readonly #raw: RawPolicy
  readonly #groups: readonly string[]

  constructor(yaml: YamlText, text: string, raw: RawPolicy) {
    this.#yaml = yaml
    this.#locate = createLocator(text)
    this.#raw = raw
    this.#groups = Object.keys(raw.people ?? {})
  }

  ruleSet(): RuleSet {
    const { people = {}, shares = [], block = [], expect = [], timezone } = this.#raw
    if (timezone !== undefined) this.#timezone(timezone, '/timezone')
    for (const group of this.#groups) this.#group(group)
    this.#size(shares)
    return {
      people: new Map(Object.entries(people).map(([name, emails]) => [name, [...new Set(emails.map((email) => email.toLowerCase()))]])),
      shares: shares.map((share, index) => this.#share(share, `/shares/${index}`)),
      block: block.map((one, index) => this.#block(one, `/block/${index}`)),
      expect: expect.map((row, index) => this.#expectation(row, `/expect/${index}`)),
    }
  }

  #share(raw: RawShare, at: string): Share {
    this.#name(raw.name, `${at}/name`)
    return {
      name: raw.name,
      line: this.#line(at),
      who: this.#whoList(raw.who, `${at}/who`),
      what: raw.what.flatMap((word, index) => this.#keep(parseWhat(word), `${at}/what/${index}`)),
      may: [...new Set(raw.may)],
      conditions: this.#conditions(raw, at),
      ask: raw.ask ?? false,
      hide: [...new Set(raw.hide ?? [])].sort(),
    }
  }

  #conditions(raw: RawShare, at: string): readonly Condition[] {
    const only = raw.only ?? {}
    const own = only['timezone'] as string | undefined
    if (own !== undefined) this.#timezone(own, `${at}/only/timezone`)
    const context = { timezone: own ?? this.#raw.timezone, only }
    return CONDITION_KINDS.flatMap((kind: ConditionKind<Condition>) => {
      const [holder, pointer] = kind.place === 'only' ? [only, `${at}/only`] : [raw, at]
      return Object.hasOwn(holder, kind.kind) ? this.#keep(kind.read(holder[kind.kind], context), `${pointer}/${kind.kind}`) : []
    })
  }

  #block(raw: { readonly name?: string; readonly who: readonly string[] }, at: string): Block {
    if (raw.name !== undefined) this.#name(raw.name, `${at}/name`)
    return { name: raw.name, line: this.#line(at), who: this.#whoList(raw.who, `${at}/who`) }
  }

  #expectation(raw: RawExpectation, at: string): Expectation {
    const who = this.#keep(parseWho(raw.who, []), `${at}/who`)[0] ?? { kind: 'anyone' }
    const what: What = this.#keep(parseWhat(raw.what), `${at}/what`)[0] ?? { kind: 'everything' }
    const instant = raw.at === undefined ? undefined : parseInstant(raw.at)
    if (raw.at !== undefined && instant === undefined) {
      this.#complain(`${at}/at`, { code: 'bad_date', message: `"${raw.at}" is no instant with its offset such as 2026-11-23T10:00:00+01:00.` })
    }
    if (raw.from !== undefined && isIP(raw.from) === 0)
      this.#complain(`${at}/from`, { code: 'bad_network', message: `"${raw.from}" is no IPv4 or IPv6 address.` })
    return { ...this.#position(at), who, what, may: raw.may, at: instant, from: raw.from, answer: raw.answer }
  }

  #group(name: string): void {
    if (!parseWho(name, []).ok) return
    const offset = this.#yaml.keyOffset(childPointer('/people', name))
    this.complaints.push({ offset, code: 'bad_value', message: `"${name}" means something else already; give the group another name.` })
  }

  #size(shares: readonly RawShare[]): void {
    const pairs = shares.reduce((sum, share) => sum + share.what.length * share.may.length, 0)
    if (pairs <= POLICY_PAIRS_MAX) return
    this.#complain('/shares', {
      code: 'too_large',
      message: `The shares make ${pairs} pairs of thing and ability; at most ${POLICY_PAIRS_MAX} are possible. Use type:x, tag:x or everything.`,
    })
  }

  #whoList(words: readonly string[], at: string): readonly Who[] {
    return words.flatMap((word, index) => this.#keep(parseWho(word, this.#groups), `${at}/${index}`))
  }

  #name(name: string, at: string): void {
    if (hasControl(name)) this.#complain(at, { code: 'bad_value', message: 'A name holds no line ends and no control characters.' })
  }

  #timezone(name: string, at: string): void {
    const mistake = checkTimezone(name)
    if (mistake !== undefined) this.#complain(at, mistake)
  }

  #keep<T>(read: Result<T, Mistake>, at: string): readonly T[] {
    if (read.ok) return [read.value]
    this.#complain(at, read.error)
    return []
  }

  #complain(at: string, mistake: Mistake): void {
    this.complaints.push({ offset: this.#yaml.offset(at), ...mistake })
  }

  #line(at: string): number {
    return this.#position(at).line
  }

  #position(at: string): Position {
    return this.#locate(this.#yaml.offset(at))
  }
}
