// Hand-written guardrails for the tests: a head, answers, and bombs that go off for one ability each.
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'
import { rowInput } from './cases.ts'

export const ALLOW = '{"effect": "allow", "reasons": [{"code": "no_guardrail"}], "obligations": []}'
export const DENY = '{"effect": "deny", "reasons": [{"code": "guardrail", "rule": "by hand"}], "obligations": []}'

const PAIRS = 'some a in input.resource.tags; some b in input.resource.tags'
const FOURS = `${PAIRS}; some c in input.resource.tags; some d in input.resource.tags`

/** `late` takes some milliseconds, `slow` counts the pairs of pairs of all tags, `joins` and `sets` keep them, `no-answer` is undefined. */
export const WITH_BOMBS = `package latchkey.sharing

default decision := ${ALLOW}

decision := ${DENY} if input.scope == "forbidden"

decision := ${DENY} if {
	input.scope == "slow"
	count({1 | ${FOURS}; a > b; c > d}) > 1
}

decision := ${DENY} if {
	input.scope == "joins"
	count([text | ${FOURS}; text := concat(a, [b, c, d])]) > 1
}

decision := ${DENY} if {
	input.scope == "sets"
	count({[a, b, c, d] | ${FOURS}}) > 1
}

decision := ${DENY} if {
	input.scope == "late"
	count({1 | ${PAIRS}; some n in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]; n > 0}) > 0
}

decision := input.nothing if input.scope == "two-answers"

decision := {"effect": "allow", "reasons": [{"code": "no_guardrail", "rule": long}], "obligations": []} if input.scope == "long-answer"

long := concat("", [text | ${PAIRS}; text := concat(a, [b, b, b, b, b, b, b, b])])
`

export function question(scope: string): DecisionInput {
  return rowInput({ may: scope, tags: Array.from({ length: 100 }, (_, index) => `tag-${index}`), answer: 'allow', reasons: [] })
}
