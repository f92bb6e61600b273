// All values of one fact that some conditions tell apart, each as a change of a request. It decides nothing.

import type { AttributesCondition } from '../conditions/attributes.ts'
import type { Mark } from '../conditions/condition-kind.ts'
import { type Condition, kindOf } from '../conditions/registry.ts'
import { type DecisionInput, PROOF_METHODS, type ProofMethod } from '../contract/decision-input.ts'
import { isTimeMark } from './time-points.ts'

type Put = (input: DecisionInput) => DecisionInput

/** The fact that a condition reads: `time`, `ip`, `purpose`, `client`, `acr`, `state`, `proof`, `attribute:name`. Each named attribute is a fact of its own. */
export function splitByFact(condition: Condition): readonly (readonly [fact: string, condition: Condition])[] {
  if (condition.kind === 'attributes')
    return condition.tests.map((test): readonly [string, AttributesCondition] => [`attribute:${test.name}`, { kind: 'attributes', tests: [test] }])
  const [mark] = kindOf(condition).marks(condition)
  if (mark === undefined) return []
  return [[isTimeMark(mark) ? 'time' : mark.fact, condition]]
}

/** Of every fact but `time` and `client`; between the values no answer of the conditions differs. */
export function factPoints(fact: string, conditions: readonly Condition[]): readonly Put[] {
  const marks = conditions.flatMap((condition) => kindOf(condition).marks(condition))
  if (fact === 'ip') return ['', ...FIRST_ADDRESSES, ...texts(marks)].map((ip) => (input) => ({ ...input, request: { ...input.request, ip: ip || null } }))
  if (fact.startsWith('attribute:')) return attributePoints(fact.slice('attribute:'.length), marks)
  const named = new Set(texts(marks))
  return [null, ...named, ...otherWords(fact, named)].map((value) => (input) => putWord(fact, value, input))
}

/** No rule can name it: words hold no control characters. A block ends only where a fact is known to be another one. */
const OTHER = '\u0000other'

function otherWords(fact: string, named: ReadonlySet<string>): readonly string[] {
  return fact === 'proof' ? PROOF_METHODS.filter((method) => !named.has(method)).slice(0, 1) : [OTHER]
}

// Below the first network that a rule names, in both families.
const FIRST_ADDRESSES = ['0.0.0.0', '0:0:0:0:0:0:0:0']

function texts(marks: readonly Mark[]): readonly string[] {
  return marks.flatMap((mark) => ('value' in mark && typeof mark.value === 'string' ? [mark.value] : []))
}

function putWord(fact: string, value: string | null, input: DecisionInput): DecisionInput {
  switch (fact) {
    case 'purpose':
      return { ...input, request: { ...input.request, purpose: value } }
    case 'acr':
      return { ...input, party: { ...input.party, acr: value } }
    case 'state':
      return { ...input, resource: { ...input.resource, state: value } }
    case 'proof':
      return { ...input, proof: { method: value as ProofMethod | null } }
    default:
      throw new TypeError(`no points are known for the fact ${fact}`)
  }
}

function attributePoints(name: string, marks: readonly Mark[]): readonly Put[] {
  const named = marks.flatMap((mark) => (mark.fact === 'attribute' && mark.name === name ? [mark.value] : []))
  const numbers = [...new Set(named.filter((value) => typeof value === 'number'))].sort((a, b) => a - b)
  const between = numbers.slice(1).map((number, index) => (number + (numbers[index] ?? number)) / 2)
  const values = [...new Set([...named, ...between]), OTHER]
  return [
    (input) => input,
    ...values.map(
      (value): Put =>
        (input) =>
          putAttribute(input, name, value),
    ),
  ]
}

function putAttribute(input: DecisionInput, name: string, value: string | number | boolean): DecisionInput {
  const attributes = Object.fromEntries([...Object.entries(input.resource.attributes), [name, value]])
  return { ...input, resource: { ...input.resource, attributes } }
}
