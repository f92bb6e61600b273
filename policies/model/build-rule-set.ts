// Values that passed the schema become the rule set: words are resolved, conditions and obligations are read, all mistakes are gathered.
import { toUtcText } from '../conditions/instant.ts'
import type { Condition } from '../conditions/registry.ts'
import { DONE } from '../conditions/until.ts'
import type { AskMode } from '../contract/decision.ts'
import type { Must, Obligation, OtherAnswers } from '../contract/obligations.ts'
import type { Complaint } from '../diagnostic.ts'
import { DURATION_WORDS, parseDuration } from '../duration.ts'
import { MODULE_PAIRS_MAX, type PolicyLimits } from '../limits.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'
import { err, ok, type Result } from '../result.ts'
import type { YamlText } from '../yaml/read-yaml.ts'
import { PolicyDocument } from './document.ts'
import { expandWhat } from './expand.ts'
import { parseWhat, type WhoWord } from './names.ts'
import { checkZone, readConditions } from './read-conditions.ts'
import { type RawExpectation, readExpectation } from './read-expectation.ts'
import { type RawVocabulary, readVocabulary } from './read-vocabulary.ts'
import type { RuleSet, Share, Stop, Vocabulary, What, Who } from './rule-set.ts'

interface RawShare extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly who: readonly WhoWord[]
  readonly what: readonly string[]
  readonly may: readonly string[]
  readonly for?: string
  readonly until?: string
  readonly ask?: boolean | 'once' | 'each time'
  readonly other_answers?: OtherAnswers
  readonly must?: Must
}

interface RawStop extends Readonly<Record<string, unknown>> {
  readonly name?: string
  readonly who?: readonly WhoWord[]
  readonly what?: readonly string[]
  readonly may?: readonly string[]
}

interface RawPolicy extends RawVocabulary {
  readonly timezone?: string
  readonly defaults?: { readonly timezone?: string }
  readonly shares?: readonly RawShare[]
  readonly block?: readonly RawStop[]
  readonly pause?: readonly RawStop[]
  readonly expect?: readonly RawExpectation[]
}

export interface ReadOptions {
  readonly text: string
  /** Milliseconds since 1970; what `for` counts from. Without it, `for` is a mistake. */
  readonly now?: number | undefined
  readonly limits: PolicyLimits
  /** See `PolicyDocument`. */
  readonly isSaved?: boolean | undefined
}

export function buildRuleSet(yaml: YamlText, options: ReadOptions): Result<RuleSet, Complaint[]> {
  const document = new PolicyDocument(yaml, options.text, options.isSaved)
  const ruleSet = new Reading(document, yaml.value as RawPolicy, options).ruleSet()
  return document.complaints.length > 0 ? err(document.complaints) : ok(ruleSet)
}

class Reading {
  readonly #document: PolicyDocument
  readonly #raw: RawPolicy
  readonly #now: number | undefined
  readonly #limits: PolicyLimits
  readonly #vocabulary: Vocabulary
  readonly #timezone: string | undefined

  constructor(document: PolicyDocument, raw: RawPolicy, { now, limits }: ReadOptions) {
    this.#document = document
    this.#raw = raw
    this.#now = now
    this.#limits = limits
    this.#timezone = this.#readTimezone()
    this.#vocabulary = readVocabulary(raw, document)
  }

  ruleSet(): RuleSet {
    const { shares = [], block = [], pause = [], expect = [] } = this.#raw
    const read = shares.map((share, index) => this.#share(share, `/shares/${index}`))
    this.#checkSize(read)
    this.#checkLinks(read)
    return {
      ...this.#vocabulary,
      shares: read,
      block: block.map((one, index) => this.#stop(one, `/block/${index}`)),
      pause: pause.map((one, index) => this.#stop(one, `/pause/${index}`)),
      expect: expect.map((row, index) => readExpectation(row, `/expect/${index}`, { document: this.#document, vocabulary: this.#vocabulary })),
    }
  }

  #readTimezone(): string | undefined {
    const { timezone, defaults } = this.#raw
    if (timezone !== undefined) checkZone(timezone, '/timezone', this.#document)
    if (defaults?.timezone !== undefined) checkZone(defaults.timezone, '/defaults/timezone', this.#document)
    if (timezone !== undefined && defaults?.timezone !== undefined)
      this.#document.complainAtKey('/timezone', { code: 'bad_value', message: 'The time zone is already under "defaults"; remove this line.' })
    return defaults?.timezone ?? timezone
  }

  #share(raw: RawShare, at: string): Share {
    this.#document.checkName(raw.name, `${at}/name`)
    if (raw['remind'] !== undefined && raw.until !== DONE)
      this.#document.complainAtKey(`${at}/remind`, { code: 'bad_value', message: '"remind" belongs to "until: done". Write that, or remove this line.' })
    return {
      name: raw.name,
      line: this.#document.position(at).line,
      who: this.#who(raw.who, `${at}/who`),
      what: this.#what(raw.what, `${at}/what`),
      may: [...new Set(raw.may)],
      conditions: [...this.#conditions(raw, at), ...this.#relativeEnd(raw, at)],
      ask: readAsk(raw.ask),
      obligations: this.#obligations(raw, at),
    }
  }

  #stop(raw: RawStop, at: string): Stop {
    if (raw.who === undefined && raw.what === undefined)
      this.#document.complain(at, {
        code: 'missing_key',
        message: 'Say who or what is blocked: add "who", "what", or both. "what: [everything]" blocks everyone from everything.',
      })
    if (raw['until'] === DONE)
      this.#document.complain(`${at}/until`, {
        code: 'bad_value',
        message: 'A block or a pause without "until" stays until you remove it. Remove this line, or write a day.',
      })
    this.#document.checkName(raw.name, `${at}/name`)
    return {
      name: raw.name,
      line: this.#document.position(at).line,
      who: raw.who && this.#who(raw.who, `${at}/who`),
      what: raw.what && this.#what(raw.what, `${at}/what`),
      may: raw.may && [...new Set(raw.may)],
      conditions: this.#conditions(raw, at),
    }
  }

  #conditions(entry: Readonly<Record<string, unknown>>, at: string): readonly Condition[] {
    return readConditions(
      { entry, at, key: 'only' },
      { timezone: this.#timezone, places: this.#vocabulary.places, calendars: this.#vocabulary.calendars },
      this.#document,
    )
  }

  #relativeEnd(raw: RawShare, at: string): readonly Condition[] {
    if (raw.for === undefined) return []
    const seconds = parseDuration(raw.for)
    if (seconds === undefined) this.#document.complain(`${at}/for`, { code: 'bad_duration', message: `"${raw.for}" is not a duration ${DURATION_WORDS}.` })
    else if (raw.until !== undefined) this.#document.complainAtKey(`${at}/for`, { code: 'bad_value', message: 'A share has one end: remove "for" or "until".' })
    else if (this.#now === undefined)
      this.#document.complainAtKey(`${at}/for`, {
        code: 'relative_end',
        message: '"for" starts when the rules are saved, but these are used without being saved; write "until" with an instant.',
      })
    else return [{ kind: 'until', instant: toUtcText(this.#now + seconds * 1000) }]
    return []
  }

  #obligations(raw: RawShare, at: string): readonly Obligation[] {
    const { timezone = this.#timezone } = (raw['only'] ?? {}) as { readonly timezone?: string }
    const context = { rule: raw.name, otherAnswers: raw.other_answers ?? 'refuse', must: raw.must, timezone, isSaved: this.#document.isSaved } as const
    const found = OBLIGATION_KINDS.flatMap((kind) =>
      Object.hasOwn(raw, kind.kind) ? this.#document.keep(kind.read(raw[kind.kind], context), `${at}/${kind.kind}`).flat() : [],
    )
    if (raw.other_answers !== undefined && !found.some((one) => 'other_answers' in one))
      this.#document.complainAtKey(`${at}/other_answers`, {
        code: 'bad_value',
        message: '"other_answers" requires "hide" or "only_fields"; this share has neither.',
      })
    this.#checkMust(raw, at, found)
    return found
  }

  #checkMust({ must, other_answers: others }: RawShare, at: string, found: readonly Obligation[]): void {
    if (must === undefined) return
    if (!found.some((one) => 'must' in one))
      this.#document.complainAtKey(`${at}/must`, {
        code: 'bad_value',
        message: '"must: found" requires "hide", "only_fields" or "round"; this share has none of them. Add one, or remove this line.',
      })
    if (others === 'allow')
      this.#document.complainAtKey(`${at}/must`, {
        code: 'bad_value',
        message:
          'A response that is not JSON never contains these places, so "must: found" would refuse what "other_answers: allow" lets through. Remove one of the two.',
      })
  }

  #who(words: readonly WhoWord[], at: string): readonly Who[] {
    const names = [...this.#vocabulary.people.keys()]
    return words.flatMap((word, index) => this.#document.keep(this.#document.who(word, names), `${at}/${index}`))
  }

  #what(words: readonly string[], at: string): readonly What[] {
    const names = [...this.#vocabulary.things.keys()]
    return words.flatMap((word, index) => this.#document.keep(parseWhat(word, names), `${at}/${index}`))
  }

  #checkSize(shares: readonly Share[]): void {
    const together = new Map<string, number>()
    let all = 0
    for (const share of shares) {
      const what = expandWhat(share.what, this.#vocabulary)
      const isCommon = what.some((one) => one.kind !== 'thing')
      for (const one of what) {
        const key = isCommon || !('name' in one) ? '' : one.name
        together.set(key, (together.get(key) ?? 0) + share.may.length)
        all += share.may.length
      }
    }
    const most = Math.max(0, ...together.values())
    if (all > this.#limits.pairs) this.#tooManyPairs(all, this.#limits.pairs)
    else if (most > MODULE_PAIRS_MAX) this.#tooManyPairs(most, MODULE_PAIRS_MAX, ' for one thing, or for types, tags, devices and everything together')
  }

  #tooManyPairs(pairs: number, limit: number, where = ''): void {
    this.#document.complain('/shares', {
      code: 'too_large',
      message: `The shares make ${pairs} pairs of thing and ability${where}; at most ${limit} are possible. List fewer, or use everything.`,
    })
  }

  /** A link is open to whoever has it, so it must end; and its name is what tells it from the others. */
  #checkLinks(shares: readonly Share[]): void {
    const names = new Set<string>()
    for (const [index, share] of shares.entries()) {
      if (!share.who.some((who) => who.kind === 'link')) continue
      if (!share.conditions.some((condition) => condition.kind === 'until' && !('done' in condition)))
        this.#document.complain(`/shares/${index}/who`, {
          code: 'link_without_end',
          message: 'A share for anyone-with-link needs an end: add "until" with a day, or "for".',
        })
      if (names.has(share.name))
        this.#document.complain(`/shares/${index}/name`, {
          code: 'bad_value',
          message: 'Another share with a link has this name, but links are identified by it. Rename one of them.',
        })
      names.add(share.name)
    }
  }
}

/** `true` is the older spelling of once. */
function readAsk(word: RawShare['ask']): AskMode | false {
  if (word === 'each time') return 'each_time'
  return word === true || word === 'once' ? 'once' : false
}
