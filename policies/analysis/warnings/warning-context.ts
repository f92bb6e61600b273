// What the searches for warnings share: the rules, everyone and everything they tell apart, and where each word stands. It finds nothing itself.
import { type Complaint, createLocator, type DiagnosticCode, type Position } from '../../diagnostic.ts'
import type { RuleSet } from '../../model/rule-set.ts'
import { readYaml, type YamlText } from '../../yaml/read-yaml.ts'
import { createMatcher, type Matcher } from '../match-rules.ts'
import { TimeTable } from '../time-table.ts'
import { buildUniverse, type Household, type Universe } from '../universe.ts'

export interface WarningOptions {
  /** The text of the rule set, for exact places, and for names that nothing uses. */
  readonly text?: string
  /** For the diagnostics only. */
  readonly file?: string
  /** With things: words for others are told. */
  readonly household?: Household
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Warning extends Pick<Complaint, 'message'>, Position {
  readonly code: DiagnosticCode
}

export interface WarningContext {
  readonly ruleSet: RuleSet
  readonly now: number
  readonly times: TimeTable
  readonly household: Household
  readonly universe: Universe
  readonly matcher: Matcher
  readonly yaml: YamlText | undefined
  /** Of the value at a JSON pointer; without a text, the line that is given. */
  place(pointer: string, line: number): Position
  placeOfKey(pointer: string): Position
}

export function createContext(ruleSet: RuleSet, { text, household = {}, now }: WarningOptions): WarningContext {
  const read = text === undefined ? undefined : readYaml(text)
  const yaml = read?.ok ? read.value : undefined
  const locate = createLocator(text ?? '')
  return {
    ruleSet,
    now,
    times: new TimeTable(now),
    household,
    universe: buildUniverse([ruleSet], household),
    matcher: createMatcher(ruleSet),
    yaml,
    place: (pointer, line) => (yaml === undefined ? { line, column: 1 } : locate(yaml.offset(pointer))),
    placeOfKey: (pointer) => (yaml === undefined ? { line: 1, column: 1 } : locate(yaml.keyOffset(pointer))),
  }
}
