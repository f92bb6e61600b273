// What a request to each rule tool counts for in its owner's budget. A table only.

// Before its processor time is known; the rest is charged afterwards.
const READS = 1
const COMPILES = 2
const COMPARES = 5

export const RULE_TOOL_COSTS = {
  check: COMPARES,
  test: COMPARES,
  explain: COMPILES,
  can: COMPARES,
  diff: COMPARES,
  fmt: READS,
  rego: READS,
  build: COMPILES,
} as const

export type RuleToolName = keyof typeof RULE_TOOL_COSTS

/** A save is read, compiled and compared. */
export const SAVE_COST = COMPARES
export const APPROVAL_COST = COMPILES
