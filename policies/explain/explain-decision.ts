// Why a request is answered as it is: the rules that decide, every reason in the owner's words, and when or how it would be answered otherwise.
import { fitsMay, fitsWhat, fitWho, type KnownParty } from '../analysis/rule-fits.ts'
import { findMoment, isTimeMark } from '../analysis/time-points.ts'
import { toUtcText } from '../conditions/instant.ts'
import { kindOf, stopHolds } from '../conditions/registry.ts'
import type { Decision, Effect } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { Reason, ReasonCode } from '../contract/reasons.ts'
import { findShare } from '../model/find-share.ts'
import type { RuleSet, Share, Stop } from '../model/rule-set.ts'
import { obligationSentence } from '../obligations/registry.ts'
import type { PolicyModule } from '../runtime/policy-module.ts'
import { momentWords } from './moment-words.ts'
import { findNextOpening, type NextOpening, openingWords, zoneOf } from './next-opening.ts'
import { ownerSentence } from './sentence.ts'

export interface ExplainOptions {
  readonly ruleSet: RuleSet
  /** The compiled policy of the rule set; its word is the answer. */
  readonly module: Pick<PolicyModule, 'evaluate'>
  readonly input: DecisionInput
}

/** A reason, and the same in the owner's words. */
export interface ReasonInWords extends Reason {
  readonly text: string
}

/** A share for this person, thing and ability that does not fit now. */
export interface NearMiss {
  readonly rule: string
  readonly line: number
  readonly missed: readonly { readonly code: ReasonCode; readonly text: string }[]
  /** What the share would then answer. */
  readonly answer: 'allow' | 'ask'
  readonly next: NextOpening
  readonly text: string
}

/** An entry of block or pause that stands in the way. */
export interface StopInForce {
  readonly kind: 'block' | 'pause'
  readonly rule: string | undefined
  readonly line: number
  /** Null: until it is taken out. */
  readonly ends: string | null
  /** The answer to the same request at its end; null where it has none. */
  readonly afterwards: Effect | null
  readonly text: string
}

export interface Explanation {
  readonly answer: Effect
  readonly decision: Decision
  /** The shares that allow or ask, or the entries that stop it. */
  readonly deciding: readonly ReasonInWords[]
  /** All of them, in the order of the decision. */
  readonly reasons: readonly ReasonInWords[]
  readonly nearMisses: readonly NearMiss[]
  readonly stops: readonly StopInForce[]
  /** In plain words, with strings attached. */
  readonly obligations: readonly string[]
  /** All of it in plain words, line by line. */
  readonly text: readonly string[]
}

const DECIDING: readonly ReasonCode[] = ['share_allows', 'share_asks_owner', 'blocked', 'paused', 'guardrail']
const ANSWERS: Readonly<Record<Effect, string>> = { allow: 'Allowed.', ask: 'The owner is asked once.', deny: 'Denied.' }

export function explainDecision({ ruleSet, module, input }: ExplainOptions): Explanation {
  const decision = module.evaluate(input)
  const reasons = decision.reasons.map((reason): ReasonInWords => ({ ...reason, text: ownerSentence(reason, ruleSet) }))
  const deciding = reasons.filter(({ code }) => DECIDING.includes(code))
  const stops = stopsInForce({ ruleSet, module, input }, decision)
  const nearMisses = decision.effect === 'allow' || stops.length > 0 ? [] : missesOf({ ruleSet, module, input })
  const obligations = decision.obligations.map(obligationSentence)
  const text = [
    decision.ask === 'each_time' ? 'The owner is asked each time.' : ANSWERS[decision.effect],
    ...reasons.filter((reason) => reason.line === undefined || deciding.includes(reason)).map((reason) => reason.text),
    ...nearMisses.map((miss) => miss.text),
    ...stops.map((stop) => stop.text),
    ...waitingForDone(decision, ruleSet),
    ...obligations.map((one) => `Then: ${one}.`),
  ]
  return { answer: decision.effect, decision, deciding, reasons, nearMisses, stops, obligations, text }
}

/** What nothing but the owner's button ends. */
function waitingForDone({ effect, reasons }: Decision, ruleSet: RuleSet): readonly string[] {
  if (effect === 'deny') return []
  return reasons.flatMap((reason) => {
    const share = findShare(ruleSet, reason)
    const waits = share?.conditions.some((one) => 'done' in one) === true
    return waits ? [`"${share.name}" (line ${share.line}) lasts until you mark it as done.`] : []
  })
}

function missesOf({ ruleSet, module, input }: ExplainOptions): readonly NearMiss[] {
  return candidates(ruleSet, input).flatMap((share): readonly NearMiss[] => {
    const missed = share.conditions.filter((one) => !kindOf(one).holds(one, input))
    if (missed.length === 0) return []
    // Where nothing but the time is missed, the module itself must agree: a pause may begin by then.
    const onlyTime = missed.every((one) => kindOf(one).marks(one).some(isTimeMark))
    const accepts = (later: DecisionInput) => !onlyTime || module.evaluate(later).effect !== 'deny'
    const next = findNextOpening({ conditions: share.conditions, input, accepts })
    const answer = share.ask ? 'ask' : 'allow'
    const { name: rule, line } = share
    const verb = share.ask === 'each_time' ? 'would ask the owner each time' : share.ask === 'once' ? 'would ask the owner once' : 'would allow it'
    const text = `"${rule}" (line ${line}) ${verb} ${openingWords(next)}.`
    return [{ rule, line, missed: missed.map((one) => ({ code: kindOf(one).reason, text: kindOf(one).sentence(one) })), answer, next, text }]
  })
}

function candidates(ruleSet: RuleSet, input: DecisionInput): readonly Share[] {
  const party = callerOf(input, 'verified')
  return ruleSet.shares
    .filter((share) => fitsMay(share.may, input.scope) && fitsWhat(share.what, input.resource, ruleSet) && fitWho(share, party, ruleSet) === true)
    .toSorted((a, b) => a.line - b.line)
}

/** Of a request all is known. Shares look at an address only when it is verified. */
function callerOf({ party }: DecisionInput, address: 'verified' | 'claimed'): KnownParty {
  const email = party.email?.toLowerCase() ?? null
  // Letters that become ASCII only in lower case do not come back; they are other letters.
  const same = email !== null && email.toUpperCase() === party.email?.toUpperCase()
  return { ...party, email: address === 'claimed' || (party.email_verified && same) ? email : null }
}

function stopsInForce({ ruleSet, module, input }: ExplainOptions, { reasons }: Decision): readonly StopInForce[] {
  return reasons.flatMap((reason): readonly StopInForce[] => {
    if (reason.code !== 'blocked' && reason.code !== 'paused') return []
    const kind = reason.code === 'blocked' ? 'block' : 'pause'
    const stop = ruleSet[kind].find(({ line }) => line === reason.line)
    if (stop === undefined) return []
    const end = endOf(stop, input)
    const afterwards = end === undefined ? null : module.evaluate({ ...input, now: toUtcText(end) }).effect
    const label = stop.name === undefined ? `The ${kind} of line ${stop.line}` : `The ${kind} "${stop.name}" (line ${stop.line})`
    const ends = end === undefined ? 'applies until it is removed' : `ends at ${momentWords(end, zoneOf(stop.conditions))}; the decision is then: ${afterwards}`
    return [{ kind, rule: stop.name, line: stop.line, ends: end === undefined ? null : toUtcText(end), afterwards, text: `${label} ${ends}.` }]
  })
}

/** The first later moment at which the entry does not hold any more. */
function endOf({ conditions }: Stop, input: DecisionInput): number | undefined {
  const now = Date.parse(input.now)
  const marks = conditions.flatMap((one) => kindOf(one).marks(one)).filter(isTimeMark)
  return findMoment({ marks, from: now }, (moment) => !conditions.every((one) => stopHolds(one, { ...input, now: toUtcText(moment) })))
}
