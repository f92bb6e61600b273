// A question to the rules, as a person asks it: words for who and what, and the facts that are told; all else is unknown. It decides nothing.
import { parseIpAddress } from '../../protocol/address.ts'
import type { Household } from '../analysis/universe.ts'
import { parseInstant, toUtcText } from '../conditions/instant.ts'
import { type DecisionInput, PROOF_METHODS } from '../contract/decision-input.ts'
import { expandWhat, expandWho } from '../model/expand.ts'
import { parseWhat, parseWho, type WhoWord } from '../model/names.ts'
import type { Expectation, RuleSet, ThingWord } from '../model/rule-set.ts'
import { err, ok, type Result } from '../result.ts'
import { expectationInput } from '../wasm/expectations.ts'

export interface Question {
  /** As in a share; one person. An address counts as verified. */
  readonly who: WhoWord
  /** As in a share; one thing. */
  readonly what: string
  readonly may: string
  /** An instant with its offset; else now. */
  readonly at?: string | undefined
  /** The caller's address. */
  readonly from?: string | undefined
  readonly purpose?: string | undefined
  readonly client?: string | undefined
  readonly proof?: string | undefined
  readonly acr?: string | undefined
  /** The name of the share whose link was opened. */
  readonly link?: string | undefined
  readonly state?: string | undefined
  readonly attributes?: DecisionInput['resource']['attributes'] | undefined
  /** Of the thing; else what the household knows of it. */
  readonly type?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** Which part of the question, and a sentence with the remedy. */
export interface QuestionMistake {
  readonly option: keyof Question
  readonly message: string
}

export interface QuestionContext {
  readonly vocabulary: RuleSet
  readonly household?: Household | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export function readQuestion(question: Question, context: QuestionContext): Result<DecisionInput, QuestionMistake> {
  const who = readWho(question, context)
  if (!who.ok) return who
  const what = readWhat(question, context)
  if (!what.ok) return what
  const facts = readFacts(question)
  if (!facts.ok) return facts
  const row = { line: 1, column: 1, who: who.value, what: what.value, may: question.may, answer: 'allow' as const, because: undefined, ...facts.value }
  const input = expectationInput(row, { now: toUtcText(context.now), things: context.household?.things ?? [] })
  return ok({ ...input, resource: { ...input.resource, ...ownFacts(question, what.value, context) } })
}

function readWho({ who }: Question, { vocabulary }: QuestionContext): Result<Expectation['who'], QuestionMistake> {
  const word = parseWho(who, [...vocabulary.people.keys()])
  if (!word.ok) return err({ option: 'who', message: `${word.error.message} Ask about an address, or a name of one person.` })
  const [one, another] = expandWho([word.value], vocabulary)
  if (one === undefined || another !== undefined) return err({ option: 'who', message: `"${describe(who)}" stands for several people. Ask about one of them.` })
  return ok(one)
}

function describe(who: WhoWord): string {
  return typeof who === 'string' ? who : `${who.subject} of ${who.issuer}`
}

function readWhat({ what }: Question, { vocabulary }: QuestionContext): Result<ThingWord, QuestionMistake> {
  const word = parseWhat(what, [...vocabulary.things.keys()])
  if (!word.ok) return err({ option: 'what', message: word.error.message })
  const [one, another] = expandWhat([word.value], vocabulary)
  if (one === undefined || another !== undefined) return err({ option: 'what', message: `"${what}" stands for several things. Ask about one of them.` })
  return ok(one)
}

function readFacts({
  at,
  from,
  purpose,
  client,
  proof,
  acr,
  link,
  state,
  attributes,
}: Question): Result<Pick<Expectation, 'at' | 'from' | 'facts'>, QuestionMistake> {
  const instant = at === undefined ? undefined : parseInstant(at)
  if (at !== undefined && instant === undefined)
    return err({ option: 'at', message: `"${at}" is not an instant. Write one with its offset, e.g. 2026-11-23T10:00:00+01:00.` })
  const address = parseIpAddress(from)
  if (from !== undefined && address === undefined)
    return err({ option: 'from', message: `"${from}" is not an IPv4 or IPv6 address. Write one, e.g. 192.0.2.7.` })
  const method = PROOF_METHODS.find((one) => one === proof)
  if (proof !== undefined && method === undefined)
    return err({ option: 'proof', message: `"${proof}" is not a proof method. Write one of ${PROOF_METHODS.join(', ')}.` })
  return ok({ at: instant, from: address, facts: { purpose, client, proof: method, acr, link, state, attributes } })
}

/** What the question says of the thing wins over what the household knows. */
function ownFacts({ type, tags }: Question, what: ThingWord, { household }: QuestionContext): Partial<DecisionInput['resource']> {
  const known = what.kind === 'thing' ? household?.things?.find(({ key }) => key === what.name) : undefined
  return {
    ...(known?.device_id === undefined ? {} : { device_id: known.device_id }),
    ...(type === undefined ? {} : { type }),
    ...(tags === undefined ? {} : { tags }),
  }
}
