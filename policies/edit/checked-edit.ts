// The law of all edits: what the text means after is what it meant before with the one change made to its values. Else the edit is refused.
import { isDeepStrictEqual } from 'node:util'
import { type Diagnostic, type DiagnosticCode, diagnose } from '../diagnostic.ts'
import { POSTED_LIMITS } from '../limits.ts'
import { buildRuleSet } from '../model/build-rule-set.ts'
import type { RuleSet } from '../model/rule-set.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import { err, ok, type Result } from '../result.ts'
import { checkSchema } from '../schema/check-schema.ts'
import { readYaml } from '../yaml/read-yaml.ts'

/** A document as plain values, e.g. `{version: 1, shares: [...]}`. */
export type Values = Readonly<Record<string, unknown>>

export interface CheckedEdit {
  /** The text after it. */
  readonly after: string
  /** The values after it; they are checked as those of the text are. */
  readonly change: (values: Values) => Values
}

export interface EditedText {
  readonly text: string
  /** What the text says. */
  readonly ruleSet: RuleSet
}

/** The text was read without complaint before. */
export function checkedEdit(source: PolicyText, edit: CheckedEdit): Result<string, Diagnostic[]> {
  const edited = checkedEditWithRules(source, edit)
  return edited.ok ? ok(edited.value.text) : edited
}

/** For callers that go on with the rules, so that nobody reads the text again. */
export function checkedEditWithRules(source: PolicyText, { after, change }: CheckedEdit): Result<EditedText, Diagnostic[]> {
  const { text, file, limits = POSTED_LIMITS } = source
  const before = readYaml(text, limits)
  if (!before.ok) return err(diagnose(text, file, before.error))
  const parsed = parsePolicy({ ...source, text: after })
  // A wrong value is told at its place in the new text.
  if (!parsed.ok) return parsed
  const wanted = readValues(change((before.value.value ?? { version: 1 }) as Values), source)
  return wanted !== undefined && sameRules(parsed.value, wanted) ? ok({ text: after, ruleSet: parsed.value }) : refuse(source, firstDifference(text, after))
}

function firstDifference(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

const MESSAGES = {
  hand_written: 'An edit here would lose something, such as a comment; edit the YAML.',
  edit_refused: 'This cannot be changed without changing something else; edit the YAML.',
} as const satisfies Partial<Record<DiagnosticCode, string>>

export function refuse({ text, file }: PolicyText, offset: number, code: keyof typeof MESSAGES = 'edit_refused'): Result<never, Diagnostic[]> {
  return err(diagnose(text, file, [{ offset, code, message: MESSAGES[code] }]))
}

function readValues(values: Values, { now, limits = POSTED_LIMITS }: PolicyText): RuleSet | undefined {
  const yaml = { value: values, offset: () => 0, keyOffset: () => 0, inexact: [] }
  if (checkSchema(yaml).length > 0) return undefined
  const ruleSet = buildRuleSet(yaml, { text: '', now, limits })
  return ruleSet.ok ? ruleSet.value : undefined
}

/** The same words in the same order; only the lines on which they stand may differ. */
export function sameRules(one: RuleSet, other: RuleSet): boolean {
  return isDeepStrictEqual(withoutLines(one), withoutLines(other))
}

function withoutLines(ruleSet: RuleSet): RuleSet {
  return {
    ...ruleSet,
    shares: ruleSet.shares.map((share) => ({ ...share, line: 0 })),
    block: ruleSet.block.map((stop) => ({ ...stop, line: 0 })),
    pause: ruleSet.pause.map((stop) => ({ ...stop, line: 0 })),
    expect: ruleSet.expect.map((row) => ({ ...row, line: 0, column: 0 })),
  }
}
