// Values that passed the schema become the set of guardrails: words are resolved, conditions are read, all mistakes are gathered.
import { type Condition, kindOf } from '../conditions/registry.ts'
import type { Complaint } from '../diagnostic.ts'
import { PolicyDocument } from '../model/document.ts'
import { parseWhat, parseWho, type WhoWord } from '../model/names.ts'
import { checkZone, readConditions } from '../model/read-conditions.ts'
import { type RawExpectation, readExpectation } from '../model/read-expectation.ts'
import { type RawVocabulary, readVocabulary } from '../model/read-vocabulary.ts'
import type { Vocabulary, What, Who } from '../model/rule-set.ts'
import { err, ok, type Result } from '../result.ts'
import type { YamlText } from '../yaml/read-yaml.ts'
import type { Guardrail, GuardrailSet } from './guardrail-set.ts'

interface RawGuardrail extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly who?: readonly WhoWord[]
  readonly what: readonly string[]
  readonly may: readonly string[]
  readonly require?: Readonly<Record<string, unknown>>
}

interface RawGuardrails extends RawVocabulary {
  readonly defaults?: { readonly timezone?: string }
  readonly guardrails: readonly RawGuardrail[]
  readonly expect?: readonly RawExpectation[]
}

export function readGuardrails(yaml: YamlText, text: string): Result<GuardrailSet, Complaint[]> {
  const document = new PolicyDocument(yaml, text)
  const { defaults, guardrails, expect = [], ...names } = yaml.value as RawGuardrails
  const timezone = defaults?.timezone
  if (timezone !== undefined) checkZone(timezone, '/defaults/timezone', document)
  const vocabulary = readVocabulary(names, document)
  const context = { document, vocabulary, timezone }
  const set: GuardrailSet = {
    ...vocabulary,
    guardrails: guardrails.map((raw, index) => readGuardrail(raw, `/guardrails/${index}`, context)),
    expect: expect.map((row, index) => readExpectation(row, `/expect/${index}`, context)),
  }
  return document.complaints.length > 0 ? err(document.complaints) : ok(set)
}

interface ReadContext {
  readonly document: PolicyDocument
  readonly vocabulary: Vocabulary
  readonly timezone: string | undefined
}

function readGuardrail(raw: RawGuardrail, at: string, context: ReadContext): Guardrail {
  const { document, vocabulary, timezone } = context
  document.checkName(raw.name, `${at}/name`)
  const conditions = readConditions({ entry: raw, at, key: 'require' }, { timezone, places: vocabulary.places, calendars: vocabulary.calendars }, document)
  if (conditions.some((one) => 'done' in one))
    document.complain(`${at}/until`, { code: 'bad_value', message: 'A guardrail without "until" stays until you remove it. Remove this line, or write a day.' })
  const required = conditions.filter((one) => !isTerm(one))
  if (raw.require !== undefined && Object.keys(raw.require).every((key) => key === 'timezone'))
    document.complain(`${at}/require`, { code: 'bad_value', message: '"require" is empty; add a condition, or remove "require" to deny every request.' })
  return {
    name: raw.name,
    line: document.position(at).line,
    who: raw.who && readWho(raw.who, `${at}/who`, context),
    what: readWhat(raw.what, `${at}/what`, context),
    may: [...new Set(raw.may)],
    inForce: conditions.filter(isTerm),
    require: raw.require === undefined ? undefined : required,
  }
}

/** `from` and `until`, which stand in the guardrail itself. */
function isTerm(condition: Condition): boolean {
  return kindOf(condition).place === 'share'
}

function readWho(words: readonly WhoWord[], at: string, { document, vocabulary }: ReadContext): readonly Who[] {
  const names = [...vocabulary.people.keys()]
  const read = words.flatMap((word, index) => document.keep(parseWho(word, names), `${at}/${index}`))
  const link = read.findIndex((who) => who.kind === 'link')
  if (link >= 0)
    document.complain(`${at}/${link}`, { code: 'unknown_who', message: 'Only shares have links. Name people in a guardrail, or omit "who" to mean everyone.' })
  return read
}

function readWhat(words: readonly string[], at: string, { document, vocabulary }: ReadContext): readonly What[] {
  const names = [...vocabulary.things.keys()]
  return words.flatMap((word, index) => document.keep(parseWhat(word, names), `${at}/${index}`))
}
