// Owner's text to rule set, or to everything that is wrong with it. It compiles nothing.
import { type Complaint, type Diagnostic, diagnose } from './diagnostic.ts'
import { POSTED_LIMITS, type PolicyLimits } from './limits.ts'
import { buildRuleSet } from './model/build-rule-set.ts'
import type { RuleSet } from './model/rule-set.ts'
import { err, ok, type Result } from './result.ts'
import { readDocument } from './schema/check-schema.ts'
import { readYaml } from './yaml/read-yaml.ts'

export interface PolicyText {
  readonly text: string
  /** For the diagnostics only; no file is read. */
  readonly file: string
  /** Milliseconds since 1970; what `for` counts from. Saved texts need none: the save wrote an instant in its place. */
  readonly now?: number
  /** The text is a saved one: what only newer versions refuse is read with the meaning that it had. Never for a text that is about to be saved. */
  readonly saved?: boolean
  /** Defaults to the limits for untrusted input. */
  readonly limits?: PolicyLimits
}

const NOTHING: RuleSet = { people: new Map(), things: new Map(), places: new Map(), calendars: new Map(), shares: [], block: [], pause: [], expect: [] }

/** A text without anything in it is a policy that shares nothing. */
export function parsePolicy({ text, file, ...options }: PolicyText): Result<RuleSet, Diagnostic[]> {
  const ruleSet = read(text, options)
  return ruleSet.ok ? ruleSet : err(diagnose(text, file, ruleSet.error))
}

function read(text: string, { now, limits = POSTED_LIMITS, saved }: Pick<PolicyText, 'now' | 'limits' | 'saved'>): Result<RuleSet, Complaint[]> {
  const yaml = readYaml(text, limits)
  if (!yaml.ok) return yaml
  if (yaml.value.value === undefined) return ok(NOTHING)
  const inexact = saved ? [] : yaml.value.inexact
  const ruleSet = readDocument(yaml.value, (readable) => buildRuleSet(readable, { text, now, limits, isSaved: saved }))
  if (inexact.length === 0) return ruleSet
  return err(ruleSet.ok ? [...inexact] : [...inexact, ...ruleSet.error])
}
