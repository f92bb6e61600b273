// A share, a block or a pause as one sentence of parts that an editor can offer one by one. The only place that makes such sentences; it decides nothing.
import type { Written } from '../conditions/condition-kind.ts'
import { type Condition, kindOf } from '../conditions/registry.ts'
import { writeRemind } from '../conditions/until.ts'
import type { Obligation } from '../contract/obligations.ts'
import { type PartName, pathOf } from '../edit/parts.ts'
import { writeAsk } from '../edit/share-text.ts'
import { whatWord, whoWord } from '../model/names.ts'
import type { Share, Stop, Vocabulary } from '../model/rule-set.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'
import { capitalized, mayInWords, whatInWords, whoInWords } from './words.ts'

export interface SentencePart {
  /** `words` stands between the parts and cannot be changed. */
  readonly part: PartName | 'words'
  readonly text: string
  /** As an owner writes it in YAML. */
  readonly value?: Written
  /** Of a condition that needs one. */
  readonly timezone?: string
  /** JSON pointer from the share, e.g. `/only/days`. */
  readonly path?: string
  /** The text holds it in a form that an edit would lose; it is changed in the YAML. */
  readonly handWritten?: true
  /** The bytes of the node, where it is hand-written. */
  readonly raw?: string
}

export interface Sentence {
  readonly name: string | undefined
  /** 1-based. */
  readonly line: number
  /** Their texts, put together, are `text`. */
  readonly parts: readonly SentencePart[]
  readonly text: string
}

type Names = Pick<Vocabulary, 'people' | 'things'>

export function shareSentence(share: Share, vocabulary: Names): Sentence {
  return sentence(share, [
    whoPart(share.who, vocabulary),
    ...askParts(share.ask),
    part('may', mayInWords(share.may), share.may),
    words(' on '),
    whatPart(share.what, vocabulary),
    ...conditionParts(share.conditions),
    ...obligationParts(share.obligations),
    words('.'),
  ])
}

function askParts(ask: Share['ask']): readonly SentencePart[] {
  if (ask === false) return [words(' may ')]
  const text = ask === 'once' ? 'once you have approved it' : 'each time you approve it'
  return [words(' may, '), part('ask', text, writeAsk(ask)), words(', ')]
}

/** "… may do nothing on …, regardless of other rules." */
export function stopSentence(stop: Stop, vocabulary: Names): Sentence {
  const everyone = stop.who === undefined
  return sentence(stop, [
    stop.who === undefined ? words('Nobody') : whoPart(stop.who, vocabulary),
    ...stopMayParts(stop.may, everyone),
    ...(stop.what === undefined ? [] : [words(' on '), whatPart(stop.what, vocabulary)]),
    ...stopConditionParts(stop.conditions),
    words(', regardless of other rules.'),
  ])
}

function stopMayParts(may: Stop['may'], everyone: boolean): readonly SentencePart[] {
  if (may === undefined) return [words(` may do ${everyone ? 'anything' : 'nothing'}`)]
  return [words(everyone ? ' may ' : ' may not '), part('may', mayInWords(may), may)]
}

function stopConditionParts(conditions: readonly Condition[]): readonly SentencePart[] {
  return conditions.flatMap((condition) => {
    const kind = kindOf(condition)
    const unknown = kind.ruledOut === undefined ? '' : ' or where that is not known'
    const own = part(condition.kind, `${kind.sentence(condition)}${unknown}`, kind.write(condition))
    return [words(', '), 'timezone' in condition ? { ...own, timezone: condition.timezone } : own]
  })
}

function sentence({ name, line }: Pick<Stop, 'name' | 'line'>, parts: readonly SentencePart[]): Sentence {
  return { name, line, parts, text: parts.map((one) => one.text).join('') }
}

function whoPart(who: Share['who'], vocabulary: Names): SentencePart {
  return part('who', capitalized(whoInWords(who, vocabulary)), who.map(whoWord))
}

function whatPart(what: Share['what'], { things }: Names): SentencePart {
  const names = [...things.keys()]
  return part(
    'what',
    whatInWords(what),
    what.map((one) => whatWord(one, names)),
  )
}

/** Those of the request first, under one "only"; then beginning and end. */
function conditionParts(conditions: readonly Condition[]): readonly SentencePart[] {
  const first = conditions.find((condition) => kindOf(condition).place === 'only')
  return conditions.flatMap((condition) => {
    const kind = kindOf(condition)
    const own = part(condition.kind, `${condition === first ? 'only ' : ''}${kind.sentence(condition)}`, kind.write(condition))
    return [words(', '), 'timezone' in condition ? { ...own, timezone: condition.timezone } : own, ...remindParts(condition)]
  })
}

function remindParts(condition: Condition): readonly SentencePart[] {
  const remind = 'done' in condition ? writeRemind(condition.done.remindSeconds) : undefined
  return remind === undefined ? [] : [words(', '), part('remind', `with a reminder every ${remind}`, remind)]
}

function obligationParts(obligations: readonly Obligation[]): readonly SentencePart[] {
  const found = OBLIGATION_KINDS.flatMap((kind) => {
    const own = obligations.filter((one) => one.kind === kind.kind)
    return own.length === 0 ? [] : [part(kind.kind, own.map(kind.sentence).join(' and '), kind.write(own))]
  })
  const lenient = obligations.some((one) => 'other_answers' in one && one.other_answers === 'allow')
  const all = lenient ? [...found, part('other_answers', 'and the whole response if it is not JSON', 'allow')] : [...found]
  const strict = obligations.some((one) => 'must' in one && one.must === 'found')
  if (strict) all.push(part('must', 'or nothing if one of these is missing', 'found'))
  return all.flatMap((one, index) => [words(index === 0 ? '; ' : ', '), one])
}

function part(name: PartName, text: string, value: Written): SentencePart {
  return { part: name, text, value, path: `/${pathOf(name).join('/')}` }
}

function words(text: string): SentencePart {
  return { part: 'words', text }
}
